"""A held batch waits for a person: release it, or reject it. Each decision takes effect once."""

from silkwire.errors import BatchError
from silkwire.feeds.state import clear_validators
from silkwire.load import load_batch
from silkwire.model import BatchReport
from silkwire.pipeline.archived import archive_decision
from silkwire.pipeline.context import Context
from silkwire.pipeline.files import read_fetches
from silkwire.pipeline.load import read_load_input, report_batch
from silkwire.pipeline.plan import read_plan
from silkwire.syndication import link_copies
from silkwire.warehouse import batches


def release_batch(ctx: Context, batch_id: str, *, reviewer: str) -> BatchReport:
    """Load a held batch after all.

    Raises BatchError if it is not held (any more), or if a later batch has loaded one of its feeds
    since: its texts would then come in as edits that were never made.
    """
    with batches.hold_lock(ctx.engine, f"review {batch_id}", is_waiting=True):
        with ctx.engine.begin() as conn:
            batch = _require_held(batches.get_batch(conn, batch_id))
            if count := batches.read_feeds_loaded_since(conn, batch):
                raise BatchError(
                    f"{count} feeds of batch {batch_id} were loaded by a later batch: reject it,"
                    " and they are read anew"
                )
            load_batch(
                conn,
                batch_id,
                read_load_input(ctx.folder(batch_id), batch),
                decide_verdict=lambda _: ("released", None),
                now=ctx.now(),
                reviewer=reviewer,
            )
            link_copies(conn, batch_id, window=ctx.settings.copy_window, now=ctx.now())
            archive_decision(ctx, conn, batch_id)
        with ctx.engine.begin() as conn:
            return report_batch(batches.get_batch(conn, batch_id))


def reject_batch(ctx: Context, batch_id: str, *, reviewer: str) -> BatchReport:
    """Keep a held batch out for good; its feeds are fetched unconditionally next time.

    Raises BatchError if it is not held (any more).
    """
    with (
        batches.hold_lock(ctx.engine, f"review {batch_id}", is_waiting=True),
        ctx.engine.begin() as conn,
    ):
        batch = _require_held(batches.get_batch(conn, batch_id))
        fetches = read_fetches(ctx.folder(batch_id), read_plan(batch).shard_count)
        clear_validators(conn, [result.feed_key for result in fetches])
        batches.reject_batch(conn, batch_id, reviewer=reviewer, now=ctx.now())
        archive_decision(ctx, conn, batch_id)
        return report_batch(batches.get_batch(conn, batch_id))


def _require_held(batch: batches.Batch) -> batches.Batch:
    if batch.verdict != "held":
        raise BatchError(
            f"batch {batch.batch_id} is {batch.verdict or batch.state}, not held:"
            " there is nothing to decide"
        )
    return batch
