"""Fetch from a real server on loopback, as a test asks."""

import hashlib
from datetime import UTC, datetime

from helpers.publisher import (
    FEED,
)
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import FetchOutcome, PlannedFeed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
FEED_HASH = hashlib.sha256(FEED).hexdigest()


def build_settings(**values):
    defaults = {
        "fetch_allow_private": "127.0.0.0/8",
        "fetch_host_pause": 0,
        "fetch_host_concurrency": 50,
        "fetch_deadline": 5,
    }
    return Settings(**{**defaults, **values})


def build_feed(url, key=1, **values):
    return PlannedFeed(key, url, url, **values)


def fetch_all(feeds, credentials=None, resolver=None, **settings):
    exchanges = []
    fetch_feeds(
        feeds,
        build_settings(**settings),
        credentials=credentials or {},
        on_exchange=exchanges.append,
        now=lambda: NOW,
        resolver=resolver,
    )
    return exchanges


def fetch_one(url, credentials=None, resolver=None, feed=None, **settings):
    (exchange,) = fetch_all([feed or build_feed(url)], credentials, resolver, **settings)
    return exchange


def fetch_failure(url, **options):
    result = fetch_one(url, **options).result
    assert result.outcome is FetchOutcome.FAILED
    return result.error_class, result.error
