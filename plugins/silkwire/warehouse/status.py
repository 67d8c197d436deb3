"""One look at the pipeline: what `silkwire status` prints and what cron asks."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

_HOUR = timedelta(hours=1)
_LEAST_EXPECTED = 5
"""Articles; where fewer are usual, none is no sign of trouble."""


@dataclass(frozen=True, slots=True)
class Status:
    """Counts and times of now; None where there is nothing yet."""

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
    """Well, but not reached when last asked, which was thought an outage of ours."""
    batches_held_count: int
    batches_stuck_count: int
    quarantine_open_count: int
    quarantine_new_count: int
    """Records that came into quarantine in the last day and are open."""
    articles_expected: float
    """In a stretch as long as the one in which none came is a concern, by the last week."""
    articles_recent_count: int
    """In the last such stretch."""
    undelivered_count: int
    """Messages of watches that were given up in the last day, or wait for more than an hour."""
    warehouse_bytes: int
    free_bytes: int
    """For the data folder."""


@dataclass(frozen=True, slots=True)
class Concern:
    """Something that needs a person; one alert a cause."""

    cause: str
    sentence: str


_QUERY = text("""
SELECT
    last_batch.batch_id AS last_batch_id,
    last_batch.finished_at AS last_batch_at,
    last_batch.verdict AS last_batch_verdict,
    freshness.last_success_at,
    freshness.last_article_at,
    (SELECT count(*) FROM core.fact_article) AS article_count,
    (SELECT count(*) FROM ops.feed WHERE state <> 'paused') AS feed_count,
    freshness.feeds_due_count,
    freshness.feeds_failing_count,
    (SELECT count(*) FROM ops.feed WHERE state = 'gone') AS feeds_gone_count,
    (
        SELECT count(*) FROM ops.feed WHERE state = 'healthy' AND last_fetched_at > last_success_at
    ) AS feeds_unreached_count,
    freshness.batches_held_count,
    (
        SELECT count(*) FROM ops.batch
        WHERE state = 'running' AND lease_expires_at < :now
    ) AS batches_stuck_count,
    freshness.quarantine_open_count,
    (
        SELECT count(*) FROM ops.quarantine
        WHERE status = 'open' AND fetched_at > :now - interval '1 day'
    ) AS quarantine_new_count,
    (
        SELECT CAST(count(*) AS double precision)
            * extract(epoch FROM CAST(:quiet AS interval)) / 604800
        FROM core.fact_article
        WHERE first_seen_at > :now - :quiet - interval '7 days' AND first_seen_at <= :now - :quiet
    ) AS articles_expected,
    (
        SELECT count(*) FROM core.fact_article WHERE first_seen_at > :now - :quiet
    ) AS articles_recent_count,
    (
        SELECT count(*) FROM ops.notification
        WHERE (status = 'given_up' AND due_at > :now - interval '1 day')
            OR (status = 'waiting' AND attempt_count > 0 AND found_at < :now - interval '1 hour')
    ) AS undelivered_count,
    pg_database_size(current_database()) AS warehouse_bytes
FROM mart.freshness AS freshness
LEFT JOIN LATERAL (
    SELECT * FROM ops.batch WHERE state = 'done' AND trigger NOT IN ('review', 'retry', 'adopt')
    ORDER BY finished_at DESC LIMIT 1
) AS last_batch ON TRUE
""")


def read_status(
    conn: Connection, *, now: datetime, quiet_after: timedelta, free_bytes: int
) -> Status:
    """`quiet_after` is how long no article may come where some should."""
    row = conn.execute(_QUERY, {"now": now, "quiet": quiet_after}).mappings().one()
    return Status(**row, free_bytes=free_bytes)


def find_concerns(
    status: Status,
    *,
    now: datetime,
    stale_after: timedelta,
    quarantine_growth: int,
    min_free_bytes: int,
) -> tuple[Concern, ...]:
    """What needs a person, one sentence a cause; empty if nothing does. Pure."""
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
