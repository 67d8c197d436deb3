"""The verdict on a batch: whether it is published, or held for a person.

The `batch` suite judges, here it is said what a failing expectation leads to. A held batch loads
nothing and loses nothing, so those hold which a person would not want to undo: a parser or suite
that fails everything, rules or identities that let everything through. A batch that brings too
little is no reason to hold what it does bring; the other expectations only tell.
"""

from collections.abc import Callable
from dataclasses import dataclass

from silkwire.errors import ValidationError
from silkwire.model import EntryCounts, ExpectationResult
from silkwire.validate.suites.batch import (
    MAX_GROWTH,
    BatchFacts,
    Limits,
    describe_batch,
    judge_batch,
)
from silkwire.warehouse.tables.history import BatchHistory

Verdict = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class JudgedBatch:
    """`("published", None)` or `("held", why)`, with every result of the `batch` suite."""

    verdict: Verdict
    results: tuple[ExpectationResult, ...] = ()


def decide_verdict(
    counts: EntryCounts,
    limits: Limits,
    history: BatchHistory,
    *,
    undated_count: int | None = None,
    entry_count: int | None = None,
) -> JudgedBatch:
    """Judge the counts of a batch. A batch that fetched no entry is published unjudged.

    `history` is empty where it must not bind (`ingest --feeds`). Raises ValidationError if the
    counts do not add up: then an entry was lost or counted twice, and no person can decide that
    away.
    """
    if counts == EntryCounts():
        return JudgedBatch(("published", None))
    facts = describe_batch(
        counts, history, limits, undated_count=undated_count, entry_count=entry_count
    )
    results = judge_batch(facts, limits)
    failed = {result.expectation for result in results if not result.is_success}
    if failed & {"counts_add_up", "counts_are_not_negative"}:
        raise ValidationError(_explain_loss(counts, facts))
    why = next((explain(facts, limits, history) for name, explain in HOLDS if name in failed), None)
    return JudgedBatch(("held", why) if why else ("published", None), results)


def _explain_loss(counts: EntryCounts, facts: BatchFacts) -> str:
    return (
        f"{counts.fetched} entries were fetched, but {counts.accepted} accepted, "
        f"{counts.unchanged} unchanged, {counts.off_topic} off topic and "
        f"{counts.quarantined} quarantined are {facts.counted}"
    )


def _explain_flood(facts: BatchFacts, limits: Limits, history: BatchHistory) -> str:
    """Of all that was fetched: what was quarantined before is counted again at each fetch, and
    would soon outnumber the few new entries of an ordinary batch."""
    del history
    return (
        f"{facts.quarantined} of {facts.fetched} entries are quarantined, "
        f"more than the {limits.quarantined_share:.0%} of SILKWIRE_HOLD_QUARANTINED_SHARE"
    )


def _explain_surge(facts: BatchFacts, limits: Limits, history: BatchHistory) -> str:
    del limits
    return (
        f"{facts.accepted} entries would be accepted, more than {MAX_GROWTH:g} times "
        f"the {facts.most_accepted:g} of the fullest of the last {len(history.recent)} batches"
        " and of those of this hour"
    )


def _explain_undated(facts: BatchFacts, limits: Limits, history: BatchHistory) -> str:
    del limits
    return (
        f"{facts.undated:g} entries have no date, a share that is {facts.undated_rise:.0%} of all"
        f" above the highest of the last {len(history.recent)} batches"
    )


HOLDS: tuple[tuple[str, Callable[[BatchFacts, Limits, BatchHistory], str]], ...] = (
    ("quarantined_share_is_bearable", _explain_flood),
    ("accepted_is_no_surge", _explain_surge),
    ("undated_share_is_usual", _explain_undated),
)
"""The expectations that hold a batch, and how that is said."""
