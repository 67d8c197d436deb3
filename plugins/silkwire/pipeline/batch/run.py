"""Run the five steps of one planned batch in this process, one after another."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from silkwire.errors import StorageError
from silkwire.model import BatchReport, PlannedFeed
from silkwire.parse import start_parser
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.load import load_step
from silkwire.pipeline.batch.plan import BatchPlan
from silkwire.pipeline.batch.progress import Progress
from silkwire.pipeline.batch.steps import fetch_shard, match_batch, parse_batch, validate_batch
from silkwire.validate import start_validator
from silkwire.warehouse.engine import explain_failures
from silkwire.warehouse.tables import batches


def run_steps(ctx: Context, plan: BatchPlan, progress: Progress) -> BatchReport:
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
            start_validator()

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


def hold_run(
    ctx: Context, batch_id: str, *, is_waiting: bool = True
) -> AbstractContextManager[bool]:
    return batches.hold_lock(ctx.engine, f"run {batch_id}", is_waiting=is_waiting)
