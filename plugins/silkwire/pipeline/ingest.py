"""One batch without a scheduler: the same functions as the DAG's tasks, in one process."""

from pathlib import Path

from silkwire.config import Settings
from silkwire.model import BatchReport
from silkwire.pipeline.batch.context import Clock, open_context, read_clock
from silkwire.pipeline.batch.plan import name_batch, plan_batch
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.batch.run import hold_run, run_steps
from silkwire.pipeline.notify.watches import notify_all, register_watches


def ingest(
    settings: Settings,
    *,
    feeds_opml: Path | None = None,
    ignore_due: bool = False,
    may_lose_most: bool = False,
    progress: Progress = SILENT,
    now: Clock = read_clock,
) -> BatchReport:
    """Finish the batches that earlier runs left unfinished, then run one batch and report on it.

    `feeds_opml` takes the feeds of this list alone and pauses none; `ignore_due` takes feeds that
    are not due, too; `may_lose_most` accepts a list that lost most of its feeds. Raises
    SilkwireError if silkwire itself fails. A feed that fails is a row of `ops.fetch`.
    """
    with open_context(settings, now=now) as ctx:
        register_watches(ctx)
        finish_expired_batches(ctx, progress=progress)
        batch_id = name_batch(ctx.now(), None)
        with hold_run(ctx, batch_id):
            plan = plan_batch(
                ctx,
                batch_id=batch_id,
                feeds_opml=feeds_opml,
                ignore_due=ignore_due,
                may_lose_most=may_lose_most,
            )
            report = run_steps(ctx, plan, progress)
        notify_all(ctx)
        return report
