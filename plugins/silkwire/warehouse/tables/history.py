"""Read counts of earlier batches and fetches, with which a new batch is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.model import EntryCounts

RECENT_BATCHES = 30
HOUR_DAYS = 14
"""How many days back batches of the same hour of the day are looked for."""
FEED_FETCHES = 30
FEED_DAYS = 30


@dataclass(frozen=True, slots=True)
class PastBatch:
    """A published batch of listed feeds that fetched at least one entry."""

    counts: EntryCounts
    undated_count: int | None
    """Entries without a date; None if the batch did not count them."""
    entry_count: int | None
    """The validated entries, of which `undated_count` have no date."""


@dataclass(frozen=True, slots=True)
class BatchHistory:
    """Batches, newest first; both fields are empty if history must not be used."""

    recent: tuple[PastBatch, ...] = ()
    same_hour: tuple[PastBatch, ...] = ()
    """Batches that began in the same hour of the day (UTC), also on earlier days."""


@dataclass(frozen=True, slots=True)
class FeedHistory:
    """How many entries a feed carried when its last bodies were read."""

    fetch_count: int
    least: int
    most: int


_COLUMNS = (
    "SELECT fetched_count, accepted_count, unchanged_count, off_topic_count, quarantined_count,"
    " undated_count, validated_count AS entry_count FROM ops.batch"
    " WHERE verdict = 'published' AND is_listed_feeds AND fetched_count > 0"
    " AND started_at < :before"
)
_RECENT = text(f"{_COLUMNS} ORDER BY started_at DESC LIMIT :limit")
_SAME_HOUR = text(
    f"{_COLUMNS} AND started_at >= :since AND extract(hour FROM started_at AT TIME ZONE 'UTC')"
    " = :hour ORDER BY started_at DESC"
)
_FEEDS = text("""
SELECT
    asked.feed_key,
    count(*) AS fetch_count,
    min(past.fetched_count) AS least,
    max(past.fetched_count) AS most
FROM unnest(CAST(:feed_keys AS bigint[])) AS asked (feed_key)
CROSS JOIN LATERAL (
    SELECT attempt.fetched_count
    FROM ops.fetch AS attempt
    WHERE attempt.feed_key = asked.feed_key
        AND attempt.started_at >= :since AND attempt.started_at < :before
        AND attempt.outcome = 'new' AND attempt.fetched_count > 0
    ORDER BY attempt.started_at DESC
    LIMIT :limit
) AS past
GROUP BY asked.feed_key
""")


def read_batch_history(conn: Connection, *, before: datetime) -> BatchHistory:
    """The last batches that began before `before`, and those that began in its hour of the day."""
    recent = conn.execute(_RECENT, {"before": before, "limit": RECENT_BATCHES})
    hour = {"before": before, "since": before - timedelta(days=HOUR_DAYS), "hour": before.hour}
    return BatchHistory(
        tuple(_past(row) for row in recent),
        tuple(_past(row) for row in conn.execute(_SAME_HOUR, hour)),
    )


def read_feed_history(
    conn: Connection, feed_keys: Sequence[int], *, before: datetime
) -> dict[int, FeedHistory]:
    """The history of these feeds, by feed key; a feed that never had an entry is left out."""
    since = before - timedelta(days=FEED_DAYS)
    rows = conn.execute(
        _FEEDS,
        {"feed_keys": list(feed_keys), "since": since, "before": before, "limit": FEED_FETCHES},
    )
    return {row.feed_key: FeedHistory(row.fetch_count, row.least, row.most) for row in rows}


def _past(row: Row[Any]) -> PastBatch:
    return PastBatch(EntryCounts(*row[:5]), row.undated_count, row.entry_count)
