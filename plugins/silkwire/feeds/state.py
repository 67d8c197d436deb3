"""Read feeds' health from `ops.feed` and write it back, in a few statements whatever the number."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, text

from silkwire.feeds.schedule.health import FeedHealth, FeedState, FeedUpdate, Move
from silkwire.platforms import PLATFORMS


def load_states(conn: Connection, feed_keys: Sequence[int]) -> dict[int, FeedState]:
    """The feeds by key; unknown keys are left out."""
    rows = conn.execute(text(_LOAD), {"feed_keys": list(feed_keys)})
    return {row.feed_key: _to_state(row) for row in rows}


def apply_updates(
    conn: Connection, updates: Sequence[FeedUpdate], *, batch_id: str | None = None
) -> int:
    """Write what was decided and clear the leases; return how many feeds were written.

    With `batch_id`, only feeds that this batch still holds. A feed paused meanwhile stays paused.
    """
    if not updates:
        return 0
    rows = msgspec.json.encode([_to_row(update) for update in updates]).decode()
    written = conn.execute(text(_APPLY), {"rows": rows, "batch_id": batch_id}).rowcount
    quiet = [
        {"feed_key": update.feed_key, "quiet_until": update.quiet_until}
        for update in updates
        if update.quiet_until is not None
    ]
    if quiet:
        values = {"rows": msgspec.json.encode(quiet).decode(), "platforms": sorted(PLATFORMS)}
        conn.execute(text(_KEEP_QUIET), values)
    return written


def clear_validators(conn: Connection, feed_keys: Iterable[int]) -> int:
    """Make the next fetch of these feeds unconditional, as when their batch was rejected."""
    return conn.execute(text(_CLEAR), {"feed_keys": list(feed_keys)}).rowcount


def _to_state(row: "Row[Any]") -> FeedState:
    history = tuple(msgspec.convert(move, Move) for move in row.redirect_history)
    health = FeedHealth(
        fetch_url=row.fetch_url,
        state=row.health_state,
        etag=row.etag,
        last_modified=row.last_modified,
        body_hash=row.body_hash_hex,
        entries_hash=row.entries_hash_hex,
        poll_interval=row.poll_interval,
        next_due_at=row.next_due_at,
        failure_count=row.failure_count,
        last_error_class=row.last_error_class,
        last_error=row.last_error,
        last_fetched_at=row.last_fetched_at,
        last_success_at=row.last_success_at,
        last_new_entry_at=row.last_new_entry_at,
        moved_to_url=row.moved_to_url,
        moved_count=row.moved_count,
        redirect_history=history,
        suggested_feed_url=row.suggested_feed_url,
        is_urls_repeat=row.urls_repeat,
        is_guids_repeat=row.guids_repeat,
        skip_hours=tuple(row.skip_hours),
        skip_days=tuple(row.skip_days),
    )
    return FeedState(row.feed_key, row.feed_url, health, row.fixed_interval)


def _to_row(update: FeedUpdate) -> dict[str, object]:
    row: dict[str, object] = {
        name: getattr(update.health, name) for name in FeedHealth.__dataclass_fields__
    }
    row["poll_interval_s"] = update.health.poll_interval.total_seconds()
    del row["poll_interval"]
    return {"feed_key": update.feed_key, **row}


_HEALTH_STATE = """
CASE
    WHEN feed.state <> 'paused' THEN feed.state
    WHEN feed.last_error_class = 'gone' THEN 'gone'
    WHEN feed.failure_count > 0 THEN 'failing'
    ELSE 'healthy'
END
"""
"""What a feed's state is, or would be but for its pause."""

_LOAD = f"""
SELECT
    feed.*,
    encode(feed.body_hash, 'hex') AS body_hash_hex,
    encode(feed.entries_hash, 'hex') AS entries_hash_hex,
    {_HEALTH_STATE} AS health_state
FROM ops.feed
WHERE feed.feed_key = ANY (CAST(:feed_keys AS bigint[]))
"""  # noqa: S608 - only our own constants

_APPLY = """
WITH decided AS (
    SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
        feed_key bigint, fetch_url text, state text, etag text, last_modified text, body_hash text,
        entries_hash text, skip_hours smallint[], skip_days smallint[],
        poll_interval_s double precision, next_due_at timestamptz, failure_count integer,
        last_error_class text, last_error text, last_fetched_at timestamptz,
        last_success_at timestamptz, last_new_entry_at timestamptz, moved_to_url text,
        moved_count integer, redirect_history jsonb, suggested_feed_url text,
        is_urls_repeat boolean, is_guids_repeat boolean
    )
),
locked AS (
    SELECT feed.feed_key
    FROM ops.feed
    INNER JOIN decided USING (feed_key)
    WHERE CAST(:batch_id AS text) IS NULL OR feed.leased_by_batch_id = :batch_id
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed
)
UPDATE ops.feed SET
    fetch_url = decided.fetch_url,
    state = CASE WHEN feed.state = 'paused' THEN 'paused' ELSE decided.state END,
    etag = decided.etag,
    last_modified = decided.last_modified,
    body_hash = decode(decided.body_hash, 'hex'),
    entries_hash = decode(decided.entries_hash, 'hex'),
    skip_hours = decided.skip_hours,
    skip_days = decided.skip_days,
    poll_interval = make_interval(secs => decided.poll_interval_s),
    next_due_at = coalesce(decided.next_due_at, feed.next_due_at),
    leased_by_batch_id = NULL,
    failure_count = decided.failure_count,
    last_error_class = decided.last_error_class,
    last_error = decided.last_error,
    last_fetched_at = decided.last_fetched_at,
    last_success_at = decided.last_success_at,
    last_new_entry_at = decided.last_new_entry_at,
    moved_to_url = decided.moved_to_url,
    moved_count = decided.moved_count,
    redirect_history = decided.redirect_history,
    suggested_feed_url = decided.suggested_feed_url,
    urls_repeat = feed.urls_repeat OR decided.is_urls_repeat,
    guids_repeat = feed.guids_repeat OR decided.is_guids_repeat
FROM decided
INNER JOIN locked USING (feed_key)
WHERE feed.feed_key = decided.feed_key
"""

_HOST = r"rtrim(lower(substring(feed.fetch_url FROM '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)')), '.')"

# A row that another batch is writing is passed over: to wait for it here could be to wait for ever.
_KEEP_QUIET = f"""
WITH asked AS (
    SELECT {_HOST} AS host, max(given.quiet_until) AS quiet_until
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
        feed_key bigint, quiet_until timestamptz
    )
    INNER JOIN ops.feed USING (feed_key)
    GROUP BY host
),
locked AS (
    SELECT feed.feed_key, asked.quiet_until
    FROM ops.feed
    INNER JOIN asked ON asked.host = {_HOST}
    WHERE asked.host <> ALL (CAST(:platforms AS text[]))
        AND feed.next_due_at < asked.quiet_until AND feed.leased_by_batch_id IS NULL
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed SKIP LOCKED
)
UPDATE ops.feed SET
    next_due_at = locked.quiet_until + (feed.feed_key % 10) * interval '1 minute'
FROM locked
WHERE feed.feed_key = locked.feed_key
"""  # noqa: S608

_CLEAR = """
WITH locked AS (
    SELECT feed_key FROM ops.feed WHERE feed_key = ANY (CAST(:feed_keys AS bigint[]))
    ORDER BY feed_key
    FOR NO KEY UPDATE
)
UPDATE ops.feed SET etag = NULL, last_modified = NULL, body_hash = NULL, entries_hash = NULL
FROM locked
WHERE feed.feed_key = locked.feed_key
"""
