"""Read the health of many feeds from `ops.feed` at once, and write it back."""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from datetime import timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, Row

from silkwire.feeds.schedule.health import FeedHealth, FeedState, FeedUpdate
from silkwire.platforms import PLATFORMS
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)


def load_states(conn: Connection, feed_keys: Sequence[int]) -> dict[int, FeedState]:
    """The states of these feeds by key; unknown keys are left out."""
    rows = conn.execute(SQL["load"], {"feed_keys": list(feed_keys)})
    return {row.feed_key: _to_state(row) for row in rows}


def apply_updates(
    conn: Connection, updates: Sequence[FeedUpdate], *, batch_id: str | None = None
) -> int:
    """Write the decided health, end the leases, and return how many feeds were written.

    With `batch_id`, only feeds that this batch still leases are written. A feed that was paused
    meanwhile stays paused. If a host asked for a pause, its other feeds are due only after the
    pause.
    """
    if not updates:
        return 0
    rows = msgspec.json.encode([_to_row(update) for update in updates]).decode()
    written = conn.execute(SQL["apply"], {"rows": rows, "batch_id": batch_id}).rowcount
    quiet = [
        {"feed_key": update.feed_key, "quiet_until": update.quiet_until}
        for update in updates
        if update.quiet_until is not None
    ]
    if quiet:
        values = {"rows": msgspec.json.encode(quiet).decode(), "platforms": sorted(PLATFORMS)}
        conn.execute(SQL["keep_quiet"], values)
    return written


def clear_validators(conn: Connection, feed_keys: Iterable[int]) -> int:
    """Make the next fetch of these feeds unconditional: their batch was rejected, so the bodies
    that the validators belong to are not in the warehouse."""
    return conn.execute(SQL["clear"], {"feed_keys": list(feed_keys)}).rowcount


def _to_state(row: Row[Any]) -> FeedState:
    values = {field.name: getattr(row, field.name) for field in fields(FeedHealth)}
    return FeedState(
        row.feed_key, row.feed_url, msgspec.convert(values, FeedHealth), row.fixed_interval
    )


def _to_row(update: FeedUpdate) -> dict[str, object]:
    row = {field.name: getattr(update.health, field.name) for field in fields(FeedHealth)}
    interval: timedelta = row.pop("poll_interval")
    return {"feed_key": update.feed_key, "poll_interval_s": interval.total_seconds(), **row}
