"""The outbox: what is to be told, once for each watch and destination, until it is delivered.

Killed between delivering and noting that, a message is delivered again: twice is better than never.
"""

import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from silkwire.pipeline.batch.context import Context
from silkwire.watches import WatchList, compose, send

_log = logging.getLogger(__name__)
MAX_ATTEMPTS = 12
"""About a day, at one minute, doubling to six hours."""
_MAX_WAIT = timedelta(hours=6)
_MAX_MESSAGES = 20
"""In one batch; the rest goes with the next, so that slow services do not hold up a run."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell; of notes with one watch, destination and key only the first counts."""

    watch: str
    destination: str
    text_key: str
    item: dict[str, Any]
    due_at: datetime
    revision_key: int | None = None


@dataclass(frozen=True, slots=True)
class _Waiting:
    notification_key: int
    item: dict[str, Any]
    attempt_count: int


def insert_notes(conn: Connection, notes: Sequence[Note], now: datetime) -> int:
    """How many were not noted before."""
    if not notes:
        return 0
    rows = [
        {
            "watch": note.watch,
            "destination": note.destination,
            "text_key": note.text_key,
            "revision_key": note.revision_key,
            "item": note.item,
            "due_at": note.due_at.isoformat(),
        }
        for note in notes
    ]
    values = {"rows": json.dumps(rows), "now": now}
    return conn.execute(text(_INSERT), values).rowcount


def deliver(ctx: Context, watches: WatchList) -> tuple[int, int]:
    """Send what is due, one message a watch and destination: (sent, failed) messages."""
    sent = failed = 0
    for _ in range(_MAX_MESSAGES):
        with ctx.engine.begin() as conn:
            result = _deliver_next(conn, watches, ctx.now())
        if result is None:
            break
        sent, failed = sent + result, failed + (not result)
    return sent, failed


def _deliver_next(conn: Connection, watches: WatchList, now: datetime) -> bool | None:
    group = conn.execute(text(_NEXT), {"now": now}).first()
    if group is None:
        return None
    place = {"watch": group.watch, "destination": group.destination, "now": now}
    waiting = [_Waiting(*row) for row in conn.execute(text(_WAITING), place)]
    if not waiting:  # another run is delivering these
        return None
    destination = watches.find_destination(group.watch, group.destination)
    if destination is None:
        reason: str | None = "config/watches.yaml does not name this destination any more"
    else:
        reason = send(destination, compose(group.watch, [one.item for one in waiting]))
    if reason is not None:
        _log.warning("Watch %s: %s", group.watch, reason)
    values = [_settle(one, reason, now, is_over=destination is None) for one in waiting]
    conn.execute(text(_SETTLE), values)
    return reason is None


def _settle(one: _Waiting, reason: str | None, now: datetime, *, is_over: bool) -> dict[str, Any]:
    attempts = one.attempt_count + (reason is not None)
    wait = min(timedelta(minutes=2 ** min(attempts - 1, 20)), _MAX_WAIT) if reason else timedelta(0)
    is_over = is_over or attempts >= MAX_ATTEMPTS
    return {
        "key": one.notification_key,
        "status": "sent" if reason is None else "given_up" if is_over else "waiting",
        "attempts": attempts,
        "error": reason,
        "due_at": now + wait,
        "sent_at": now if reason is None else None,
    }


_INSERT = """
INSERT INTO ops.notification (watch, destination, text_key, revision_key, item, found_at, due_at)
SELECT note.watch, note.destination, note.text_key, note.revision_key, note.item, :now, note.due_at
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS note (
    watch text, destination text, text_key text, revision_key bigint, item jsonb,
    due_at timestamptz
)
ON CONFLICT DO NOTHING
"""

_NEXT = """
SELECT watch, destination FROM ops.notification
WHERE status = 'waiting' AND due_at <= :now
ORDER BY due_at, notification_key LIMIT 1 FOR UPDATE SKIP LOCKED
"""

_WAITING = """
SELECT notification_key, item, attempt_count FROM ops.notification
WHERE status = 'waiting' AND due_at <= :now AND watch = :watch AND destination = :destination
ORDER BY notification_key LIMIT 500 FOR UPDATE SKIP LOCKED
"""

_SETTLE = """
UPDATE ops.notification
SET status = :status, attempt_count = :attempts, last_error = :error, due_at = :due_at,
    sent_at = :sent_at
WHERE notification_key = :key
"""
