"""One look at the pipeline: what `silkwire status` prints and what cron asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text


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
    batches_held_count: int
    batches_stuck_count: int
    quarantine_open_count: int
    warehouse_bytes: int


_QUERY = text("""
SELECT
    last_batch.batch_id,
    last_batch.finished_at,
    last_batch.verdict,
    freshness.last_success_at,
    freshness.last_article_at,
    (SELECT count(*) FROM core.fact_article) AS article_count,
    (SELECT count(*) FROM ops.feed WHERE state <> 'paused') AS feed_count,
    freshness.feeds_due_count,
    freshness.feeds_failing_count,
    freshness.batches_held_count,
    (
        SELECT count(*) FROM ops.batch
        WHERE state = 'running' AND lease_expires_at < :now
    ) AS batches_stuck_count,
    freshness.quarantine_open_count,
    pg_database_size(current_database()) AS warehouse_bytes
FROM mart.freshness AS freshness
LEFT JOIN LATERAL (
    SELECT * FROM ops.batch WHERE state = 'done' ORDER BY finished_at DESC LIMIT 1
) AS last_batch ON TRUE
""")


def read_status(conn: Connection, *, now: datetime) -> Status:
    return Status(*conn.execute(_QUERY, {"now": now}).one())


def find_concerns(
    status: Status, *, now: datetime, stale_after: timedelta, free_bytes: int, min_free_bytes: int
) -> tuple[str, ...]:
    """What needs a person, one sentence each; empty if nothing does. Pure."""
    concerns = []
    if status.last_batch_at is None:
        concerns.append("No batch has run yet: run `silkwire ingest` or `silkwire up`.")
    elif now - status.last_batch_at > stale_after:
        hours = (now - status.last_batch_at).total_seconds() / 3600
        concerns.append(f"No batch has ended for {hours:.1f} hours: is the scheduler running?")
    if status.batches_held_count:
        concerns.append(f"{status.batches_held_count} held batches wait for a decision.")
    if status.batches_stuck_count:
        concerns.append(
            f"{status.batches_stuck_count} batches lost their runner: the next run resumes them."
        )
    if status.feed_count and status.feeds_failing_count * 2 > status.feed_count:
        concerns.append(
            f"{status.feeds_failing_count} of {status.feed_count} feeds fail: is the network up?"
        )
    if free_bytes < min_free_bytes:
        concerns.append(f"Only {free_bytes / 1e9:.1f} GB are free for the archive.")
    return tuple(concerns)
