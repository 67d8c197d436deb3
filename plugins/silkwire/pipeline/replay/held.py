"""Replay a person's decision on a held batch."""

from silkwire.archive import BatchDecision
from silkwire.errors import BatchError
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.held.entries import find_numbers
from silkwire.pipeline.held.release_reject import reject_batch, release_batch
from silkwire.pipeline.history.batches import FoundBatch
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables import batches

_SQL = read_statements(__file__)


def is_reviewed(decision: BatchDecision) -> bool:
    """Whether a person released or rejected the batch."""
    return decision.reviewer is not None and decision.verdict in ("released", "rejected")


def replay_review(ctx: Context, found: FoundBatch, report: ReplayReport) -> None:
    """Apply the archived decision to held batches that replay this one; a repeat does nothing."""
    decision = found.decision
    if decision is None:
        return
    for batch_id in _read_held(ctx, found.batch_id):
        try:
            _review(ctx, batch_id, decision, report)
        except BatchError as exc:
            report.reviews_refused.append(str(exc))


def _review(ctx: Context, batch_id: str, decision: BatchDecision, report: ReplayReport) -> None:
    reviewer, then = decision.reviewer or "", ctx.at(decision.decided_at)
    if decision.verdict == "released":
        left_out = find_numbers(ctx, batch_id, decision.records)
        report.add_batch(release_batch(then, batch_id, reviewer=reviewer, left_out=left_out))
    else:
        report.add_batch(reject_batch(then, batch_id, reviewer=reviewer))
    with ctx.engine.begin() as conn:
        is_needed = batches.is_any_held(conn)
    if not is_needed:
        ctx.folder(batch_id).remove()


def _read_held(ctx: Context, original: str) -> list[str]:
    with ctx.engine.begin() as conn:
        return list(conn.execute(_SQL["held"], {"original": original}).scalars())
