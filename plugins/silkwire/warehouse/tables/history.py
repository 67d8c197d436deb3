"""Read counts of earlier batches and fetches, with which a new batch is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.model import EntryCounts
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

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


def read_batch_history(conn: Connection, *, before: datetime) -> BatchHistory:
    """The last batches that began before `before`, and those that began in its hour of the day."""
    recent = {"before": before, "since": None, "hour": None, "limit": RECENT_BATCHES}
    since = before - timedelta(days=HOUR_DAYS)
    same_hour = {"before": before, "since": since, "hour": before.hour, "limit": None}
    return BatchHistory(
        tuple(map(_past, conn.execute(_SQL["batches"], recent))),
        tuple(map(_past, conn.execute(_SQL["batches"], same_hour))),
    )


def read_feed_history(
    conn: Connection, feed_keys: Sequence[int], *, before: datetime
) -> dict[int, FeedHistory]:
    """The history of these feeds, by feed key; a feed that never had an entry is left out."""
    since = before - timedelta(days=FEED_DAYS)
    keys = list(feed_keys)
    values = {"feed_keys": keys, "since": since, "before": before, "limit": FEED_FETCHES}
    rows = conn.execute(_SQL["feeds"], values)
    return {row.feed_key: FeedHistory(*row[1:]) for row in rows}


def _past(row: Row[Any]) -> PastBatch:
    return PastBatch(EntryCounts(*row[:5]), row.undated_count, row.entry_count)
