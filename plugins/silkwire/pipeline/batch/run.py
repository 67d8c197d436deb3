"""Run the five steps of one planned batch in this process, one after another."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict

from silkwire.errors import StorageError
from silkwire.model import BatchReport, PlannedFeed, StepReport
from silkwire.parse import start_parser
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.load import load_step
from silkwire.pipeline.batch.progress import Progress
from silkwire.pipeline.batch.steps import fetch_shard, match_batch, parse_batch, validate_batch
from silkwire.validate import start_validator
from silkwire.warehouse.engine import explain_failures
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables import batches

_STEPS: tuple[tuple[str, Callable[..., StepReport | None]], ...] = (
    ("parse", parse_batch),
    ("match", match_batch),
    ("validate", validate_batch),
)


def run_steps(ctx: Context, batch: batches.Batch, progress: Progress) -> BatchReport:
    """Run what is left of the batch's steps. The caller holds the batch's lock (`hold_run`)."""
    try:
        with explain_failures(ctx.engine):
            return _run_each_step(ctx, batch, progress)
    except (KeyboardInterrupt, StorageError):
        # Neither Ctrl-C nor a full disk is a fault of the batch, so it is no failed attempt.
        with ctx.engine.begin() as conn:
            batches.forgive_attempt(conn, batch.batch_id)
        raise


def hold_run(
    ctx: Context, batch_id: str, *, is_waiting: bool = True
) -> AbstractContextManager[bool]:
    """Hold the lock that marks the batch as running in a process; yields whether it was got."""
    return hold_lock(ctx.engine, f"run {batch_id}", is_waiting=is_waiting)


def describe(report: StepReport | None) -> str:
    """A step's report for people, such as `documents 3, failed 0`."""
    if report is None:
        return ""
    values = asdict(report)
    topics = values.pop("topics", {})
    hidden = ("seconds", "ruleset", "thresholds")
    counts = [(name, n) for name, n in values.items() if name not in hidden]
    return ", ".join(f"{name} {count}" for name, count in [*counts, *topics.items()])


def _run_each_step(ctx: Context, batch: batches.Batch, progress: Progress) -> BatchReport:
    batch_id, plan = batch.batch_id, batch.plan

    def start_validation(feed: PlannedFeed) -> None:
        # The body of a feed that failed last time often has no entry, so it starts no validator.
        if not feed.failure_count:
            start_validator()

    if plan.due:  # nearly every batch has something to parse, if only an error page
        start_parser(ctx.settings.parse_deadline)
    progress.start("fetch", plan.due)
    for shard in range(plan.shards):
        fetch_shard(ctx, batch_id, shard, progress=progress, on_new=start_validation)
    progress.finish(f"{plan.due} feeds")
    for name, step in _STEPS:
        progress.start(name)
        progress.finish(describe(step(ctx, batch_id, progress=progress)))
    progress.start("load")
    loaded = load_step(ctx, batch_id, progress=progress)
    progress.finish(loaded.verdict)
    return loaded
