"""The verdict on a batch: whether it is published, or held for a person to decide.

A held batch loads nothing and loses nothing. So a batch is held for results that are hard to undo:
a parser or suite that fails everything, or topic rules or identities that accept everything. A
batch with too few entries is published, since holding the few helps nobody. What is wrong with one
document holds that document (`documents.py`), never a batch that has others.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from silkwire.errors import ValidationError
from silkwire.model import EntryCounts, ExpectationResult
from silkwire.validate.batch import BatchFacts, CountedDocument, describe_batch, validate_counts
from silkwire.validate.suites.batch import Limits, build_batch_suite
from silkwire.warehouse.tables.history import BatchHistory

Verdict = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class BatchVerdict:
    """`("published", None)` or `("held", why)`, with every result of the `batch` suite."""

    verdict: Verdict
    results: tuple[ExpectationResult, ...] = ()


def decide_verdict(
    counts: EntryCounts,
    documents: Sequence[CountedDocument],
    limits: Limits,
    history: BatchHistory,
) -> BatchVerdict:
    """Validate the counts of a batch, which are the sums over its documents.

    A batch without entries is published without validation.
    `history` is empty if it must not be used (`ingest --feeds`). Raises ValidationError if the
    counts do not add up: then an entry was lost or counted twice, and a person could only approve
    the loss.
    """
    if counts == EntryCounts():
        return BatchVerdict(("published", None))
    facts = describe_batch(counts, documents, history, limits)
    suite = build_batch_suite(limits)
    results = validate_counts(facts, suite)
    failed = {result.expectation for result in results if not result.is_success}
    if failed & {"counts_add_up", "counts_are_not_negative"}:
        raise ValidationError(_explain_loss(counts, facts))
    holds = next((check.holds for check in suite if check.holds and check.name in failed), None)
    if holds is None:
        return BatchVerdict(("published", None), results)
    why = holds.format(facts=facts, limits=limits, recent_count=len(history.recent))
    return BatchVerdict(("held", why), results)


def _explain_loss(counts: EntryCounts, facts: BatchFacts) -> str:
    return (
        f"{counts.fetched} entries were fetched, but {counts.accepted} accepted, "
        f"{counts.unchanged} unchanged, {counts.off_topic} off topic and "
        f"{counts.quarantined} quarantined are {facts.counted}"
    )
