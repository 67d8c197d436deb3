"""Finish the batches whose process died: resume them, or abandon those that cannot continue."""

import logging
from collections.abc import Collection

from silkwire.errors import BatchError
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.run import hold_run, run_steps
from silkwire.warehouse.tables import batches

_log = logging.getLogger(__name__)
MAX_ATTEMPTS = 3
"""A batch whose process died this often is abandoned: one of its feeds may be the cause."""


def finish_expired_batches(
    ctx: Context, *, triggers: Collection[str] | None = None, progress: Progress = SILENT
) -> tuple[str, ...]:
    """Resume the batches whose process died, oldest first; abandon those that cannot continue.

    With `triggers`, only batches with these triggers. Returns the ids of the batches.
    """
    with ctx.engine.begin() as conn:
        expired = batches.find_expired_batches(conn, now=ctx.now())
    finished = []
    for batch in expired:
        if triggers is not None and batch.trigger not in triggers:
            continue
        with hold_run(ctx, batch.batch_id, is_waiting=False) as is_ours:
            if is_ours:
                _finish(ctx, batch, progress)
                finished.append(batch.batch_id)
    return tuple(finished)


def _finish(ctx: Context, batch: batches.Batch, progress: Progress) -> None:
    with ctx.engine.begin() as conn:
        batch = batches.get_batch(conn, batch.batch_id)
        if batch.state != "running":
            return
        batches.count_attempt(conn, batch.batch_id)
    if not batch.is_planned:  # nothing is leased or fetched yet
        ctx.folder(batch.batch_id).remove()
        with ctx.engine.begin() as conn:
            batches.forget_batch(conn, batch.batch_id)
        return
    if batch.trigger in batches.RECORD_TRIGGERS:
        _abandon(ctx, batch, "its runner died; its records wait as before")
        return
    if batch.attempt_count >= MAX_ATTEMPTS:
        _abandon(ctx, batch, f"its runner died {batch.attempt_count} times")
        return
    _log.warning("Resuming batch %s, whose runner died", batch.batch_id)
    try:
        run_steps(ctx, batch, progress)
    except BatchError as exc:
        _abandon(ctx, batch, str(exc))


def _abandon(ctx: Context, batch: batches.Batch, reason: str) -> None:
    _log.warning("Abandoning batch %s: %s.", batch.batch_id, reason)
    with ctx.engine.begin() as conn:
        batches.abandon_batch(conn, batch.batch_id, reason=reason, now=ctx.now())
        archive_decision(ctx, conn, batch.batch_id)
