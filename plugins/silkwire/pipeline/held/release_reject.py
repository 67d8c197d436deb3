"""Release or reject a held batch. Each decision takes effect once."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from silkwire.errors import BatchError
from silkwire.feeds.state import clear_validators
from silkwire.load import RELEASED, LoadInput, load_batch, load_late, lock_loads
from silkwire.model import BatchReport
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.load import read_load_input, report_batch
from silkwire.pipeline.held.entries import leave_out, reject_left_out
from silkwire.syndication import link_copies, relink_copies
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables import batches


def release_batch(
    ctx: Context,
    batch_id: str,
    *,
    reviewer: str,
    left_out: Collection[int] = (),
) -> BatchReport:
    """Load a held batch so that the warehouse is as if it had never been held.

    The entries whose numbers are `left_out` are rejected. Batches that
    were loaded meanwhile are loaded again after this one. Raises BatchError if their files are
    gone, if the batch is not held, or if it has no entry of a number in `left_out`.
    """
    with hold_lock(ctx.engine, f"review {batch_id}", is_waiting=True):
        with ctx.engine.begin() as conn:
            batch = batches.require_held(batches.get_batch(conn, batch_id))
            held = read_load_input(ctx.folder(batch_id), batch)
            now, own = ctx.now(), leave_out(held, left_out, reviewer=reviewer)
            _release(ctx, conn, batch_id, own, reviewer=reviewer, now=now)
            rejected = reject_left_out(conn, held, left_out, reviewer=reviewer, now=now)
            archive_decision(ctx, conn, batch_id, records=rejected)
        with ctx.engine.begin() as conn:
            return report_batch(batches.get_batch(conn, batch_id))


def _release(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    own: LoadInput,
    *,
    reviewer: str,
    now: datetime,
) -> None:
    window = ctx.settings.copy_window
    lock_loads(conn)  # so that no other batch is loaded between the next query and ours
    later = _read_later(ctx, conn, batch_id)
    if later:
        moved_keys = load_late(conn, batch_id, own, later, now=now, reviewer=reviewer)
        relink_copies(conn, moved_keys, window=window, now=now)
        return
    load_batch(conn, batch_id, own, verdict=RELEASED, now=now, reviewer=reviewer)
    link_copies(conn, batch_id, window=window, now=now)


def _read_later(ctx: Context, conn: Connection, batch_id: str) -> dict[str, LoadInput]:
    """The batches that were fetched later and are loaded, by batch id."""
    found = [batches.get_batch(conn, one) for one in batches.find_loaded_since(conn, batch_id)]
    gone = [one.batch_id for one in found if not ctx.folder(one.batch_id).has(files.MATCHES)]
    if gone:
        raise BatchError(
            f"the files of {len(gone)} batches that were loaded since are gone (such as {gone[0]}):"
            f" reject batch {batch_id}, and its feeds are read anew"
        )
    return {one.batch_id: read_load_input(ctx.folder(one.batch_id), one) for one in found}


def reject_batch(ctx: Context, batch_id: str, *, reviewer: str) -> BatchReport:
    """Reject a held batch; its feeds are fetched unconditionally next time.

    Raises BatchError if it is not held.
    """
    with (
        hold_lock(ctx.engine, f"review {batch_id}", is_waiting=True),
        ctx.engine.begin() as conn,
    ):
        batch = batches.require_held(batches.get_batch(conn, batch_id))
        fetches = files.read_fetches(ctx.folder(batch_id), batch.plan.shards)
        clear_validators(conn, [result.feed_key for result in fetches])
        batches.reject_batch(conn, batch_id, reviewer=reviewer, now=ctx.now())
        archive_decision(ctx, conn, batch_id)
        return report_batch(batches.get_batch(conn, batch_id))
