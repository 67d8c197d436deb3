"""The state of the pipeline at one moment, as `silkwire status` prints it and alerts use it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

_HOUR = timedelta(hours=1)
_LEAST_EXPECTED = 5
"""If fewer articles than this are expected, it is no concern that none was loaded."""


@dataclass(frozen=True, slots=True)
class Status:
    """Counts and times as of now; None: not known yet."""

    last_batch_id: str | None
    last_batch_at: datetime | None
    last_batch_verdict: str | None
    last_success_at: datetime | None
    last_article_at: datetime | None
    article_count: int
    feed_count: int
    feeds_due_count: int
    feeds_failing_count: int
    feeds_gone_count: int
    feeds_unreached_count: int
    """Healthy feeds whose last fetch failed during an outage of our own network."""
    batches_held_count: int
    batches_stuck_count: int
    quarantine_open_count: int
    quarantine_new_count: int
    """Open records that were quarantined in the last day."""
    articles_expected: float
    """How many articles the rate of the week before predicts for the last `quiet_after`."""
    articles_recent_count: int
    """In the last `quiet_after`."""
    undelivered_count: int
    """Notifications that were given up in the last day, or have waited for more than an hour."""
    warehouse_bytes: int
    free_bytes: int
    """Free bytes on the disk of the data folder."""


@dataclass(frozen=True, slots=True)
class Concern:
    """A problem that a person has to look at. Each cause has one alert."""

    cause: str
    sentence: str


def read_status(
    conn: Connection, *, now: datetime, quiet_after: timedelta, free_bytes: int
) -> Status:
    """Read the state at `now`. `articles_expected` is about the last `quiet_after`."""
    query = text(Path(__file__).with_suffix(".sql").read_text("utf-8"))
    row = conn.execute(query, {"now": now, "quiet": quiet_after}).mappings().one()
    return Status(**row, free_bytes=free_bytes)


def find_concerns(
    status: Status,
    *,
    now: datetime,
    stale_after: timedelta,
    quarantine_growth: int,
    min_free_bytes: int,
) -> tuple[Concern, ...]:
    """The problems that a person has to look at, one sentence per cause. Pure."""
    concerns = [
        *_find_batch_concerns(status, now, stale_after),
        *_find_feed_concerns(status, now, stale_after),
    ]
    if status.articles_expected >= _LEAST_EXPECTED and not status.articles_recent_count:
        expected = f"about {status.articles_expected:.0f} would be usual"
        concerns.append(Concern("quiet", f"No new article has come for a while; {expected}."))
    if status.quarantine_new_count >= quarantine_growth:
        sentence = f"{status.quarantine_new_count} records came into quarantine within a day."
        concerns.append(Concern("quarantine", sentence))
    if status.undelivered_count:
        sentence = f"{status.undelivered_count} messages of watches could not be delivered."
        concerns.append(Concern("undelivered", sentence))
    if status.free_bytes < min_free_bytes:
        sentence = f"Only {status.free_bytes / 1e9:.1f} GB are free for the archive."
        concerns.append(Concern("disk", sentence))
    return tuple(concerns)


def _find_batch_concerns(
    status: Status, now: datetime, stale_after: timedelta
) -> Iterator[Concern]:
    if status.last_batch_at is None:
        yield Concern("no_batch", "No batch has run yet: run `silkwire ingest` or `silkwire up`.")
    elif now - status.last_batch_at > stale_after:
        hours = (now - status.last_batch_at) / _HOUR
        sentence = f"No batch has ended for {hours:.1f} hours: is the scheduler running?"
        yield Concern("no_batch", sentence)
    if count := status.batches_held_count:
        verb = "batch waits" if count == 1 else "batches wait"
        yield Concern("held", f"{count} {verb} for a decision: `silkwire quarantine list`.")
    if count := status.batches_stuck_count:
        lost = "batch lost its" if count == 1 else "batches lost their"
        yield Concern("stuck", f"{count} {lost} runner; the next run goes on with it.")


def _find_feed_concerns(status: Status, now: datetime, stale_after: timedelta) -> Iterator[Concern]:
    if status.feeds_failing_count * 2 > status.feed_count:
        share = f"{status.feeds_failing_count} of {status.feed_count}"
        yield Concern("failing", f"{share} feeds fail: is the network up?")
    idle = now - (status.last_success_at or now)
    if status.feeds_unreached_count and idle > stale_after:
        unreached = f"{status.feeds_unreached_count} feeds could not be reached"
        sentence = f"{unreached}, nor any other for {idle / _HOUR:.1f} hours: is the network up?"
        yield Concern("outage", sentence)
