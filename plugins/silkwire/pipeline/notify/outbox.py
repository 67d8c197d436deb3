"""The outbox: `ops.notification` keeps each notification until it is delivered or given up.

A process that dies after sending a message and before recording it leaves the message to be sent
again: twice is better than never.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection

from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.statements import read_statements
from silkwire.watches import WatchList, compose, send

_log = logging.getLogger(__name__)
MAX_ATTEMPTS = 12
"""All attempts take about a day: waits double from a minute up to six hours."""
_MAX_WAIT = timedelta(hours=6)
_MAX_MESSAGES = 20
"""The maximum per call, so that slow services do not delay a run; the next call sends the rest."""

_SQL = read_statements(__file__)


@dataclass(frozen=True, slots=True)
class Notification:
    """A row of `ops.notification`, unique by watch, destination and `text_key`."""

    watch: str
    destination: str
    text_key: str
    item: dict[str, Any]
    due_at: datetime
    revision_key: int | None = None


def insert_notifications(
    conn: Connection, notifications: Sequence[Notification], now: datetime
) -> int:
    """Queue the notifications that are not in `ops.notification` yet; return their number."""
    if not notifications:
        return 0
    rows = msgspec.json.encode(notifications).decode()
    return conn.execute(_SQL["insert"], {"rows": rows, "now": now}).rowcount


def deliver(ctx: Context, watches: WatchList) -> tuple[int, int]:
    """Send due notifications, one message per watch and destination; return (sent, failed)."""
    sent = failed = 0
    for _ in range(_MAX_MESSAGES):
        with ctx.engine.begin() as conn:
            is_sent = _deliver_next(conn, watches, ctx.now())
        if is_sent is None:
            break
        sent, failed = sent + is_sent, failed + (not is_sent)
    return sent, failed


def _deliver_next(conn: Connection, watches: WatchList, now: datetime) -> bool | None:
    """Send the next due message; return whether it was sent, or None if nothing is due."""
    group = conn.execute(_SQL["next"], {"now": now}).first()
    if group is None:
        return None
    place = {"watch": group.watch, "destination": group.destination, "now": now}
    waiting = conn.execute(_SQL["waiting"], place).all()
    if not waiting:  # another run is delivering them
        return None
    destination = watches.find_destination(group.watch, group.destination)
    if destination is None:
        reason: str | None = "config/watches.yaml does not name this destination any more"
    else:
        reason = send(destination, compose(group.watch, [row.item for row in waiting]))
    if reason is not None:
        _log.warning("Watch %s: %s", group.watch, reason)
    is_final = destination is None
    states = [
        {"key": row.notification_key, **_decide_state(row.attempt_count, reason, now, is_final)}
        for row in waiting
    ]
    conn.execute(_SQL["record_attempt"], states)
    return reason is None


def _decide_state(
    attempt_count: int, reason: str | None, now: datetime, is_final: bool
) -> dict[str, Any]:
    """The notification's new state; `reason` says why it was not delivered. Pure."""
    attempts, status, wait = attempt_count, "sent", timedelta(0)
    if reason is not None:
        attempts += 1
        status = "given_up" if is_final or attempts >= MAX_ATTEMPTS else "waiting"
        wait = min(timedelta(minutes=2 ** (attempts - 1)), _MAX_WAIT)
    return {
        "status": status,
        "attempts": attempts,
        "error": reason,
        "due_at": now + wait,
        "sent_at": now if reason is None else None,
    }
