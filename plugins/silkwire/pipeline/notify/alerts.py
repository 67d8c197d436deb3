"""Alerts: what needs a person is told to operators, once per cause, and again when it is over."""

import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, text

from silkwire.config import Settings
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.notify.outbox import Note, insert_notes
from silkwire.warehouse.status import Concern, Status, find_concerns, read_status
from silkwire.watches import OPERATORS, Destination


def look(settings: Settings, conn: Connection, now: datetime) -> tuple[Status, tuple[Concern, ...]]:
    """The state of the pipeline, and what in it needs a person."""
    status = read_status(
        conn,
        now=now,
        quiet_after=timedelta(minutes=settings.status_quiet_minutes),
        free_bytes=shutil.disk_usage(_existing(settings.home)).free,
    )
    concerns = find_concerns(
        status,
        now=now,
        stale_after=timedelta(minutes=settings.status_stale_minutes),
        quarantine_growth=settings.status_quarantine_growth,
        min_free_bytes=settings.status_min_free_bytes,
    )
    return status, concerns


def note_alerts(
    ctx: Context,
    conn: Connection,
    operators: Sequence[Destination],
    *,
    also: Sequence[Concern] = (),
) -> int:
    """Note what began to need a person since the last look, and what does no longer.

    `also` is over with the next look that does not know of it.
    """
    if not operators:
        return 0
    now = ctx.now()
    _, concerns = look(ctx.settings, conn, now)
    return note_concerns(conn, (*concerns, *also), operators, now)


def note_concerns(
    conn: Connection, concerns: Sequence[Concern], operators: Sequence[Destination], now: datetime
) -> int:
    """`concerns` are all that there are now; how many sentences are to be told."""
    # Two looks at once would both see a cause begin.
    conn.execute(text("LOCK TABLE ops.alert IN SHARE ROW EXCLUSIVE MODE"))
    known = {row.cause: row for row in conn.execute(text("SELECT * FROM ops.alert"))}
    present = {concern.cause: concern.sentence for concern in concerns}
    told = []
    for cause, sentence in present.items():
        if cause not in known:
            conn.execute(text(_BEGIN), {"cause": cause, "sentence": sentence, "now": now})
            told.append((f"{cause} since {now.isoformat()}", sentence))
    for cause, row in known.items():
        if cause not in present:
            conn.execute(text("DELETE FROM ops.alert WHERE cause = :cause"), {"cause": cause})
            told.append((f"{cause} until {now.isoformat()}", f"Over: {row.sentence}"))
    notes = [
        Note(OPERATORS, place.key, key, {"title": sentence}, now)
        for key, sentence in told
        for place in operators
    ]
    return insert_notes(conn, notes, now)


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())


_BEGIN = "INSERT INTO ops.alert (cause, sentence, since) VALUES (:cause, :sentence, :now)"
