"""Counts of earlier batches and fetches, with which a new batch is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.model import EntryCounts
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

RECENT_BATCHES = 30
HOUR_DAYS = 14
"""How far back batches of the same hour of the day are looked for."""
FEED_FETCHES = 30
FEED_DAYS = 30


@dataclass(frozen=True, slots=True)
class PastBatch:
    """A published batch of listed feeds that fetched at least one entry."""

    counts: EntryCounts
    undated_count: int | None
    """Entries without a date; None for batches that did not count them."""
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
    """What a feed carried when its last bodies were read.

    Batches that are held or rejected do not count, nor does a held document of which nothing was
    released.
    """

    fetch_count: int
    least: int
    most: int
    """Entries of the emptiest and of the fullest document."""
    most_accepted: int = 0
    dated_count: int = 0
    """How many of these documents had their dates counted."""
    most_undated: float | None = None
    """The highest share of entries without a date."""


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


def read_batch_history(conn: Connection, *, before: datetime) -> BatchHistory:
    """The last batches that began before `before`, and those of its hour of the day."""
    recent = conn.execute(_RECENT, {"before": before, "limit": RECENT_BATCHES})
    hour = {"before": before, "since": before - timedelta(days=HOUR_DAYS), "hour": before.hour}
    return BatchHistory(
        tuple(_past(row) for row in recent),
        tuple(_past(row) for row in conn.execute(_SAME_HOUR, hour)),
    )


def read_feed_history(
    conn: Connection, feed_keys: Sequence[int], *, before: datetime
) -> dict[int, FeedHistory]:
    """By feed key; a feed that never had an entry is left out."""
    since = before - timedelta(days=FEED_DAYS)
    rows = conn.execute(
        _SQL["feeds"],
        {"feed_keys": list(feed_keys), "since": since, "before": before, "limit": FEED_FETCHES},
    )
    return {row.feed_key: FeedHistory(*row[1:]) for row in rows}


def _past(row: Row[Any]) -> PastBatch:
    return PastBatch(EntryCounts(*row[:5]), row.undated_count, row.entry_count)
