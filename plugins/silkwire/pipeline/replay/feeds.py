"""Restore feeds from the archive to `ops.feed` and `core.dim_feed`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection, text

from silkwire.archive import ArchivedFeed
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.sync import sync_feeds
from silkwire.model import FetchResult


def restore_feeds(conn: Connection, archived: Iterable[ArchivedFeed]) -> None:
    """Apply descriptions that are newer than those in the warehouse; nothing else changes.

    New feeds get their keys in the order of the old keys: of two feeds that were read at the same
    instant, the one with the smaller key has the article first.
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
    rows = conn.execute(text(_KNOWN), {"urls": list(feed_urls)})
    return {
        row.feed_url: KnownFeed(row.feed_key, row.urls_repeat, row.guids_repeat) for row in rows
    }


def lease_stale_feeds(conn: Connection, batch_id: str, results: Sequence[FetchResult]) -> None:
    """Lease the feeds whose state is older than these results; the others keep their state."""
    times = {
        "feed_keys": [result.feed_key for result in results],
        "started": [result.started_at for result in results],
    }
    conn.execute(text(_LEASE), {"batch_id": batch_id, **times})


def _read_versions(conn: Connection, feed_urls: list[str]) -> dict[str, datetime]:
    rows = conn.execute(text(_VERSIONS), {"urls": feed_urls})
    return {row.feed_url: row.valid_from for row in rows}


def _insert(conn: Connection, feeds: Sequence[ArchivedFeed]) -> None:
    values = {
        "urls": [feed.feed_url for feed in feeds],
        "times": [feed.valid_from for feed in feeds],
    }
    conn.execute(text(_INSERT), values)


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


_KNOWN = """
SELECT feed_url, feed_key, urls_repeat, guids_repeat FROM ops.feed
WHERE feed_url = ANY (CAST(:urls AS text[]))
"""

_VERSIONS = """
SELECT feed.feed_url, dim.valid_from
FROM ops.feed
INNER JOIN core.dim_feed AS dim ON dim.feed_key = feed.feed_key AND dim.is_current
WHERE feed.feed_url = ANY (CAST(:urls AS text[]))
"""

_INSERT = """
INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)
SELECT given.url, given.url, given.since, given.since
FROM unnest(CAST(:urls AS text[]), CAST(:times AS timestamptz[])) WITH ORDINALITY
    AS given (url, since, place)
WHERE NOT EXISTS (SELECT FROM ops.feed WHERE feed.feed_url = given.url)
ORDER BY given.place
ON CONFLICT (feed_url) DO NOTHING
"""

_LEASE = """
WITH older AS (
    SELECT feed.feed_key
    FROM ops.feed
    INNER JOIN unnest(CAST(:feed_keys AS bigint[]), CAST(:started AS timestamptz[]))
        AS given (feed_key, started_at) USING (feed_key)
    LEFT JOIN ops.batch AS holder ON holder.batch_id = feed.leased_by_batch_id
    WHERE (feed.last_fetched_at IS NULL OR feed.last_fetched_at < given.started_at)
        AND (holder.batch_id IS NULL OR holder.state <> 'running')
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed
)
UPDATE ops.feed SET leased_by_batch_id = :batch_id
FROM older
WHERE feed.feed_key = older.feed_key
"""
