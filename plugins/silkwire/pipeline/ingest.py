"""One batch without a scheduler: the same functions as the DAG's tasks, in one process."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from silkwire.config import Settings
from silkwire.errors import BatchError, StorageError
from silkwire.model import BatchReport, PlannedFeed
from silkwire.parse import start_parser
from silkwire.pipeline.archived import archive_decision
from silkwire.pipeline.context import Clock, Context, open_context, read_clock
from silkwire.pipeline.load import load_step
from silkwire.pipeline.plan import BatchPlan, name_batch, plan_batch, read_plan
from silkwire.pipeline.progress import SILENT, Progress
from silkwire.pipeline.steps import fetch_shard, match_batch, parse_batch, validate_batch
from silkwire.pipeline.telling import read_watches, tell
from silkwire.validate import start_judge
from silkwire.warehouse import batches
from silkwire.warehouse.engine import explain_failures

_log = logging.getLogger(__name__)
# A batch that died this often is given up: what kills it may be in its feeds.
MAX_ATTEMPTS = 3


def ingest(
    settings: Settings,
    *,
    feeds_opml: Path | None = None,
    ignore_due: bool = False,
    progress: Progress = SILENT,
    now: Clock = read_clock,
) -> BatchReport:
    """Run one batch and report on it. First ends what an earlier run left unfinished.

    `feeds_opml` runs the feeds of this list alone and pauses none; `ignore_due` takes every feed
    whatever its time. Raises SilkwireError where silkwire itself failed; feeds that fail are rows.
    """
    with open_context(settings, now=now) as ctx:
        read_watches(ctx)  # a mistake in it is told before anything is fetched
        finish_expired_batches(ctx, progress=progress)
        batch_id = name_batch(ctx.now(), None)
        with _hold_run(ctx, batch_id):
            plan = plan_batch(ctx, batch_id=batch_id, feeds_opml=feeds_opml, ignore_due=ignore_due)
            report = _run_steps(ctx, plan, progress)
        tell(ctx)
        return report


def finish_expired_batches(
    ctx: Context, *, trigger: str | None = None, progress: Progress = SILENT
) -> tuple[str, ...]:
    """Resume the batches whose runner died, oldest first; abandon those that cannot go on.

    Of all triggers, or of this one alone.
    """
    with ctx.engine.begin() as conn:
        expired = batches.find_expired_batches(conn, now=ctx.now())
    finished = []
    for batch in expired:
        if trigger not in (None, batch.trigger):
            continue
        with _hold_run(ctx, batch.batch_id, is_waiting=False) as is_ours:
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
    if not batch.is_planned:
        _forget(ctx, batch)
        return
    if batch.trigger == batches.REVIEW:
        _abandon(ctx, batch, "its runner died; its records wait as before")
        return
    if batch.attempt_count >= MAX_ATTEMPTS:
        _abandon(ctx, batch, f"its runner died {batch.attempt_count} times")
        return
    _log.warning("Resuming batch %s, whose runner died", batch.batch_id)
    try:
        _run_steps(ctx, read_plan(batch), progress)
    except BatchError as exc:
        _abandon(ctx, batch, str(exc))


def _forget(ctx: Context, batch: batches.Batch) -> None:
    ctx.folder(batch.batch_id).remove()
    with ctx.engine.begin() as conn:
        batches.forget_batch(conn, batch.batch_id)


def _abandon(ctx: Context, batch: batches.Batch, reason: str) -> None:
    _log.warning("Abandoning batch %s: %s.", batch.batch_id, reason)
    with ctx.engine.begin() as conn:
        batches.abandon_batch(conn, batch.batch_id, reason=reason, now=ctx.now())
        archive_decision(ctx, conn, batch.batch_id)


def _run_steps(ctx: Context, plan: BatchPlan, progress: Progress) -> BatchReport:
    try:
        with explain_failures(ctx.engine):
            return _run_each_step(ctx, plan, progress)
    except (KeyboardInterrupt, StorageError):
        # A runner that was stopped has not died, and a full disk is not its batch's fault.
        with ctx.engine.begin() as conn:
            batches.forgive_attempt(conn, plan.batch_id)
        raise


def _run_each_step(ctx: Context, plan: BatchPlan, progress: Progress) -> BatchReport:
    batch_id = plan.batch_id

    def prepare(feed: PlannedFeed) -> None:
        # What is no feed comes again as a whole each time, without an entry to judge.
        if not feed.failure_count:
            start_judge()

    if plan.due_count:  # hardly a batch has nothing to parse, were it an error page
        start_parser(ctx.settings.parse_deadline)
    progress.start("fetch", plan.due_count)
    for shard in range(plan.shard_count):
        fetch_shard(ctx, batch_id, shard, progress=progress, on_new=prepare)
    progress.finish(f"{plan.due_count} feeds")
    steps: tuple[tuple[str, Callable[..., Any]], ...] = (
        ("parse", parse_batch),
        ("match", match_batch),
        ("validate", validate_batch),
    )
    for name, step in steps:
        progress.start(name)
        report = step(ctx, batch_id, progress=progress)
        progress.finish(describe(report))
    progress.start("load")
    loaded = load_step(ctx, batch_id, progress=progress)
    progress.finish(loaded.verdict)
    return loaded


def describe(report: dict[str, Any]) -> str:
    """A step's report as a person reads it: `documents 3, failed 0`."""
    left_out = {"seconds", "ruleset"}
    return ", ".join(f"{name} {value}" for name, value in report.items() if name not in left_out)


def _hold_run(
    ctx: Context, batch_id: str, *, is_waiting: bool = True
) -> AbstractContextManager[bool]:
    return batches.hold_lock(ctx.engine, f"run {batch_id}", is_waiting=is_waiting)
