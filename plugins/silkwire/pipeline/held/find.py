"""Held batches: find those that wait for a decision, read a decision, and decide."""

from dataclasses import dataclass
from datetime import datetime

from silkwire.errors import BatchError
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.held.release_reject import reject_batch, release_batch
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
MAX_BATCHES = 500


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's decision on a held batch."""

    batch_id: str
    verdict: str
    """`released` or `rejected`."""
    reviewer: str
    decided_at: datetime

    def __str__(self) -> str:
        when = f"{self.decided_at:%Y-%m-%d %H:%M} UTC"
        return f"batch {self.batch_id} was {self.verdict} by {self.reviewer} on {when}"


def find_held_batches(ctx: Context) -> list[str]:
    """The ids of the newest `MAX_BATCHES` held batches, newest first."""
    with ctx.engine.begin() as conn:
        return list(conn.execute(_SQL["held"], {"limit": MAX_BATCHES}).scalars())


def find_decision(ctx: Context, batch_id: str) -> Decision | None:
    """The decision on a batch; None while it is held.

    Raises BatchError if there is no such batch or it was never held.
    """
    with ctx.engine.begin() as conn:
        batch = conn.execute(_SQL["decision"], {"batch_id": batch_id}).one_or_none()
    if batch is None:
        raise BatchError(f"there is no batch {batch_id}: it was never planned here")
    if batch.verdict == "held":
        return None
    if batch.decided_at is None:
        raise BatchError(f"batch {batch_id} is {batch.verdict or 'not done'}, and was never held")
    return Decision(batch_id, batch.verdict, batch.reviewer, batch.decided_at)


def settle_batch(ctx: Context, batch_id: str, *, verdict: str, reviewer: str) -> Decision:
    """Release or reject a held batch, unless somebody has decided on it already.

    Returns the decision in force, whoever made it. Raises BatchError if the batch cannot be
    released and is still held.
    """
    decide = release_batch if verdict == "released" else reject_batch
    try:
        decide(ctx, batch_id, reviewer=reviewer)
    except BatchError:
        if find_decision(ctx, batch_id) is None:
            raise
    return require_decision(ctx, batch_id)


def require_decision(ctx: Context, batch_id: str) -> Decision:
    """Return the decision, as `find_decision` does. Raises BatchError while the batch is held."""
    decision = find_decision(ctx, batch_id)
    if decision is None:
        raise BatchError(f"nobody has decided on batch {batch_id}: it is held")
    return decision
