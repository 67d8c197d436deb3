"""A hostile publisher at the one address that is allowed, and one feed fetched from it."""

from datetime import UTC, datetime

import pytest

from helpers.publisher import Publisher
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import FetchOutcome, PlannedFeed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SERVER = "127.0.0.1"


@pytest.fixture
def publisher():
    """At 127.0.0.1, the one address that these tests allow."""
    with Publisher(host=SERVER) as server:
        yield server


def fetch(url, resolver=None, **settings):
    return fetch_all([url], resolver, **settings)[url]


def fetch_all(urls, resolver=None, **settings):
    """By url, the exchange of each feed; all are fetched at once."""
    defaults = {
        "fetch_allow_private": f"{SERVER}/32",
        "fetch_deadline": 2,
        "fetch_max_bytes": 500_000,
        "fetch_host_pause": 0,
        "fetch_host_concurrency": 20,
    }
    exchanges = []
    fetch_feeds(
        [PlannedFeed(number, url, url) for number, url in enumerate(urls)],
        Settings(**{**defaults, **settings}),
        credentials={},
        on_exchange=exchanges.append,
        now=lambda: NOW,
        resolver=resolver,
    )
    return {urls[exchange.result.feed_key]: exchange for exchange in exchanges}


def fetch_error(url, resolver=None, **settings):
    result = fetch(url, resolver, **settings).result
    assert result.outcome is FetchOutcome.FAILED
    assert result.error
    assert result.error.isprintable()
    return result.error_class
