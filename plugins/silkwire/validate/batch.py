"""Validate a batch with the `batch` suite: compare its counts with those of earlier batches.

One document never holds a batch: what is compared leaves out the one that weighs most.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from silkwire.model import DocumentReport, EntryCounts, ExpectationResult
from silkwire.validate.engine.process import validate_facts
from silkwire.validate.suites.batch import Limits
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.warehouse.tables.history import BatchHistory, FeedHistory

SUITE_NAME = "batch"
MIN_HISTORY = 14
"""How many batches (or documents of a feed) the history must have before it is used."""


@dataclass(frozen=True, slots=True)
class CountedDocument:
    """A document of the batch, what a load does with its entries, and what its feed had before."""

    report: DocumentReport
    counts: EntryCounts
    past: FeedHistory | None
    """None at the feed's first document: its backlog cannot be compared with anything."""


class BatchFacts(NamedTuple):
    """One batch; None where there is nothing to validate."""

    fetched: int
    counted: int
    least_count: int
    quarantined: int
    quarantined_share: float | None
    """Without the document that raises it most; none counts for more than `min_entries`."""
    accepted: int
    compared_accepted: int
    """`accepted` of feeds that were read before, without the document that brings most."""
    most_accepted: float | None
    """The limit on `compared_accepted`, from the fullest batch of its history."""
    accepted_growth: float | None
    fetched_remainder: float | None
    """The number of fetched entries, as a multiple of the emptiest batch of this hour."""
    undated: int
    undated_rise: float | None
    """The share of entries without a date in documents of feeds that were read before, without the
    one that raises it most, minus the highest such share of the batch's history."""


class _Part(NamedTuple):
    """What one document adds to a share: `failing` of `weight`."""

    entry_count: int
    weight: float
    failing: float


def describe_batch(
    counts: EntryCounts,
    documents: Sequence[CountedDocument],
    history: BatchHistory,
    limits: Limits,
) -> BatchFacts:
    """The facts of a batch with these documents. Pure."""
    parts = (counts.accepted, counts.unchanged, counts.off_topic, counts.quarantined)
    most = max((p.counts.accepted for p in (*history.recent, *history.same_hour)), default=0)
    compared = _compare_accepted(documents)
    is_compared = len(history.recent) >= MIN_HISTORY and compared >= limits.min_entries
    hour = [past.counts.fetched for past in history.same_hour]
    return BatchFacts(
        fetched=counts.fetched,
        counted=sum(parts),
        least_count=min(parts),
        quarantined=counts.quarantined,
        quarantined_share=_find_quarantined_share(documents, limits),
        accepted=counts.accepted,
        compared_accepted=compared,
        most_accepted=most if is_compared else None,
        accepted_growth=compared / max(most, 1) if is_compared else None,
        fetched_remainder=counts.fetched / min(hour) if len(hour) >= MIN_HISTORY else None,
        undated=sum(document.report.undated_count or 0 for document in documents),
        undated_rise=_find_undated_rise(documents, history, limits),
    )


def _is_alone(documents: Sequence[CountedDocument]) -> bool:
    """Whether one document has all the entries of the batch."""
    return sum(document.counts.fetched > 0 for document in documents) <= 1


def _compare_accepted(documents: Sequence[CountedDocument]) -> int:
    accepted = [one.counts.accepted for one in documents if one.past is not None]
    most = 0 if _is_alone(documents) else max(accepted, default=0)
    return sum(accepted) - most


def _find_quarantined_share(documents: Sequence[CountedDocument], limits: Limits) -> float | None:
    parts = [
        _Part(one.fetched, weight, weight * one.quarantined / one.fetched)
        for one in (document.counts for document in documents)
        if (weight := min(one.fetched, limits.min_entries))
    ]
    return _find_least_share(parts, limits, is_alone=_is_alone(documents))


def _find_undated_rise(
    documents: Sequence[CountedDocument], history: BatchHistory, limits: Limits
) -> float | None:
    past = [
        batch.undated_count / batch.entry_count
        for batch in history.recent
        if batch.undated_count is not None and batch.entry_count
    ]
    parts = [
        _Part(one.report.item_count, one.report.item_count, one.report.undated_count or 0)
        for one in documents
        if one.past is not None and one.report.item_count
    ]
    share = _find_least_share(parts, limits, is_alone=_is_alone(documents))
    return None if share is None or len(past) < MIN_HISTORY else share - max(past)


def _find_least_share(parts: Sequence[_Part], limits: Limits, *, is_alone: bool) -> float | None:
    """The least share after leaving out any one part; None if that leaves too few entries."""
    entries = sum(part.entry_count for part in parts)
    weight, failing = sum(part.weight for part in parts), sum(part.failing for part in parts)
    left_out = [_Part(0, 0, 0)] if is_alone and parts else parts
    if any(entries - part.entry_count < limits.min_entries for part in left_out):
        return None
    shares = ((failing - part.failing) / (weight - part.weight) for part in left_out)
    return min(shares, default=None)


def validate_counts(facts: BatchFacts, suite: Sequence[Check]) -> tuple[ExpectationResult, ...]:
    """Every check on the batch as a whole; shares are given in entries, not in batches."""
    in_entries = {
        "quarantined_share_is_bearable": facts.quarantined,
        "undated_share_is_usual": facts.undated,
    }
    found = validate_facts_of(suite, {0: facts}, BatchFacts)
    return tuple(
        replace(result, element_count=facts.fetched, unexpected_count=in_entries[name])
        if (name := result.expectation) in in_entries
        else result
        for result, _ in found
    )


def validate_facts_of(
    suite: Sequence[Check], facts: Mapping[int, Any], kind: type[Any]
) -> list[tuple[ExpectationResult, Sequence[int]]]:
    """The result of each check, and the keys of `facts` that fail it."""
    refuse_unknown_columns(suite, kind._fields)
    return [
        (
            ExpectationResult(
                SUITE_NAME,
                found.check.name,
                found.check.column,
                not found.failing,
                found.element_count,
                len(found.failing),
            ),
            found.failing,
        )
        for found in validate_facts(suite, facts, kind._fields, kind.__annotations__)
    ]
