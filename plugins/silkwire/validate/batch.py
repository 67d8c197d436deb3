"""Validate a batch with the `batch` suite: compare its counts and documents with their history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from silkwire.model import DocumentReport, EntryCounts, ExpectationResult
from silkwire.validate.engine.process import validate_facts
from silkwire.validate.suites.batch import FEED_SUITE, Limits
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.warehouse.tables.history import BatchHistory, FeedHistory

SUITE_NAME = "batch"
MIN_HISTORY = 14
"""How many batches (or fetches of a feed) the history must have before it is used."""


class BatchFacts(NamedTuple):
    """One batch; None where there is nothing to validate."""

    fetched: int
    counted: int
    least_count: int
    quarantined: int
    quarantined_share: float | None
    accepted: int
    most_accepted: float | None
    """The limit on `accepted`, from the fullest batch of its history."""
    accepted_growth: float | None
    fetched_remainder: float | None
    """The number of fetched entries, as a multiple of the emptiest batch of this hour."""
    undated: float | None
    undated_rise: float | None
    """The share of entries without a date, minus the highest such share of its history."""


class FeedFacts(NamedTuple):
    """One document of the batch, compared with earlier documents of its feed."""

    lost: int
    item_remainder: float | None
    item_growth: float | None


def describe_batch(
    counts: EntryCounts,
    history: BatchHistory,
    limits: Limits,
    *,
    undated_count: int | None,
    entry_count: int | None,
) -> BatchFacts:
    """`undated_count` of the `entry_count` entries that were validated have no date. Pure."""
    parts = (counts.accepted, counts.unchanged, counts.off_topic, counts.quarantined)
    is_enough = counts.fetched >= limits.min_entries
    most = max((p.counts.accepted for p in (*history.recent, *history.same_hour)), default=0)
    is_compared = len(history.recent) >= MIN_HISTORY and counts.accepted >= limits.min_entries
    hour = [past.counts.fetched for past in history.same_hour]
    return BatchFacts(
        fetched=counts.fetched,
        counted=sum(parts),
        least_count=min(parts),
        quarantined=counts.quarantined,
        quarantined_share=counts.quarantined / counts.fetched if is_enough else None,
        accepted=counts.accepted,
        most_accepted=most if is_compared else None,
        accepted_growth=counts.accepted / max(most, 1) if is_compared else None,
        fetched_remainder=counts.fetched / min(hour) if len(hour) >= MIN_HISTORY else None,
        undated=undated_count,
        undated_rise=_find_undated_rise(history, limits, undated_count, entry_count),
    )


def _find_undated_rise(
    history: BatchHistory, limits: Limits, undated_count: int | None, entry_count: int | None
) -> float | None:
    past = [
        batch.undated_count / batch.entry_count
        for batch in history.recent
        if batch.undated_count is not None and batch.entry_count
    ]
    if len(past) < MIN_HISTORY or undated_count is None or (entry_count or 0) < limits.min_entries:
        return None
    return undated_count / (entry_count or 1) - max(past)


def validate_counts(facts: BatchFacts, suite: Sequence[Check]) -> tuple[ExpectationResult, ...]:
    """Every check on the batch as a whole; shares are given in entries, not in batches."""
    in_entries = {
        "quarantined_share_is_bearable": facts.quarantined,
        "undated_share_is_usual": int(facts.undated or 0),
    }
    return tuple(
        replace(result, element_count=facts.fetched, unexpected_count=in_entries[name])
        if (name := result.expectation) in in_entries
        else result
        for result in _validate(suite, {0: facts}, BatchFacts)
    )


def validate_feeds(
    documents: Sequence[DocumentReport], history: Mapping[int, FeedHistory]
) -> tuple[ExpectationResult, ...]:
    """Every check on the batch's documents; none for a batch without one."""
    facts = {
        document.feed_key: _describe_feed(document, history.get(document.feed_key))
        for document in documents
        if document.error_class is None
    }
    return _validate(FEED_SUITE, facts, FeedFacts) if facts else ()


def _describe_feed(document: DocumentReport, past: FeedHistory | None) -> FeedFacts:
    if past is None or past.fetch_count < MIN_HISTORY:
        return FeedFacts(document.lost_count, None, None)
    return FeedFacts(
        document.lost_count,
        document.item_count / max(past.least, 1),
        document.item_count / max(past.most, 1),
    )


def _validate(
    suite: Sequence[Check], facts: Mapping[int, Any], kind: type[Any]
) -> tuple[ExpectationResult, ...]:
    refuse_unknown_columns(suite, kind._fields)
    return tuple(
        ExpectationResult(
            SUITE_NAME,
            found.check.name,
            found.check.column,
            not found.failing,
            found.element_count,
            len(found.failing),
        )
        for found in validate_facts(suite, facts, kind._fields, kind.__annotations__)
    )
