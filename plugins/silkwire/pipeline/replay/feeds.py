"""Restore feeds from the archive to `ops.feed` and `core.dim_feed`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from silkwire.archive import ArchivedFeed
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.sync import sync_feeds
from silkwire.model import FetchResult
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def restore_feeds(conn: Connection, archived: Iterable[ArchivedFeed]) -> None:
    """Apply descriptions that are newer than those in the warehouse; nothing else changes.

    New feeds get their keys in the order of the old keys, because of two feeds that were read at
    the same instant the one with the smaller key counts as having the article first.
    """
    newest = {feed.feed_url: feed for feed in sorted(archived, key=lambda f: f.valid_from)}
    known = _read_versions(conn, list(newest))
    wanted = [
        feed
        for feed in newest.values()
        if feed.feed_url not in known or known[feed.feed_url] < feed.valid_from
    ]
    if not wanted:
        return
    _insert(conn, sorted(wanted, key=lambda feed: feed.feed_key))
    wanted.sort(key=lambda feed: feed.valid_from)
    for valid_from, feeds in groupby(wanted, key=lambda feed: feed.valid_from):
        listed = [_list(feed) for feed in feeds]
        sync_feeds(conn, listed, now=valid_from, pause_unlisted=False)


@dataclass(frozen=True, slots=True)
class KnownFeed:
    """A feed's key in this warehouse, and whether its urls and guids repeat."""

    feed_key: int
    is_urls_repeat: bool
    is_guids_repeat: bool


def read_known_feeds(conn: Connection, feed_urls: Iterable[str]) -> dict[str, KnownFeed]:
    """The feeds that the warehouse has, by their url as listed."""
    rows = conn.execute(_SQL["known"], {"urls": list(feed_urls)})
    return {
        row.feed_url: KnownFeed(row.feed_key, row.urls_repeat, row.guids_repeat) for row in rows
    }


def lease_stale_feeds(conn: Connection, batch_id: str, results: Sequence[FetchResult]) -> None:
    """Lease the feeds whose state is older than these results; the others keep their state."""
    times = {
        "feed_keys": [result.feed_key for result in results],
        "started": [result.started_at for result in results],
    }
    conn.execute(_SQL["lease"], {"batch_id": batch_id, **times})


def _read_versions(conn: Connection, feed_urls: list[str]) -> dict[str, datetime]:
    rows = conn.execute(_SQL["versions"], {"urls": feed_urls})
    return {row.feed_url: row.valid_from for row in rows}


def _insert(conn: Connection, feeds: Sequence[ArchivedFeed]) -> None:
    values = {
        "urls": [feed.feed_url for feed in feeds],
        "times": [feed.valid_from for feed in feeds],
    }
    conn.execute(_SQL["insert"], values)


def _list(feed: ArchivedFeed) -> ListedFeed:
    return ListedFeed(
        feed_url=feed.feed_url,
        title=feed.title,
        homepage_url=feed.homepage_url,
        outlet=feed.outlet,
        language=feed.language,
        poll=None if feed.poll_s is None else timedelta(seconds=feed.poll_s),
        tags=feed.tags,
        topics=feed.topics,
    )
