"""The `batch` suite: what a batch and its documents must look like, beside their own history.

Facts are NULL where there is nothing to compare with yet, and Great Expectations skips NULLs. What
a failing check leads to is `verdict`'s; a check that is not named there only tells.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from silkwire.model import DocumentReport, EntryCounts, ExpectationResult
from silkwire.validate.engine.process import judge_facts
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.warehouse.tables.history import BatchHistory, FeedHistory

SUITE_NAME = "batch"
MIN_HISTORY = 14
"""Batches, or fetches of a feed, before history is asked at all."""
MAX_GROWTH = 10.0
MIN_REMAINDER = 0.1
MAX_UNDATED_RISE = 0.5
BETWEEN = "expect_column_values_to_be_between"


@dataclass(frozen=True, slots=True)
class Limits:
    """Settings: what share of quarantined entries is too much, and how few entries are too few."""

    quarantined_share: float
    min_entries: int


class BatchFacts(NamedTuple):
    """One batch; None where there is nothing to judge."""

    fetched: int
    counted: int
    least_count: int
    quarantined: int
    quarantined_share: float | None
    accepted: int
    most_accepted: float | None
    """By the fullest batch of its history."""
    accepted_growth: float | None
    fetched_remainder: float | None
    """What was fetched, as a multiple of the emptiest batch of this hour."""
    undated: float | None
    undated_rise: float | None
    """The share of entries without a date, less the highest of its history."""


class FeedFacts(NamedTuple):
    """One document of the batch."""

    lost: int
    item_remainder: float | None
    item_growth: float | None


def build_batch_suite(limits: Limits) -> tuple[Check, ...]:
    """The checks on the batch as a whole."""
    return (
        Check(
            "counts_add_up",
            "fetched_count",
            "expect_column_pair_values_to_be_equal",
            "accepted, unchanged, off topic and quarantined are together what was fetched",
            "Else an entry was lost or counted twice.",
            on=("fetched", "counted"),
        ),
        _between(
            "counts_are_not_negative",
            "fetched_count",
            "least_count",
            "no count is below zero",
            "Two mistakes must not cancel out.",
            low=0,
        ),
        _between(
            "quarantined_share_is_bearable",
            "quarantined_count",
            "quarantined_share",
            f"at most {limits.quarantined_share:.0%} of what was fetched is quarantined",
            "More is a parser or a suite that fails everything.",
            high=limits.quarantined_share,
        ),
        _between(
            "accepted_is_no_surge",
            "accepted_count",
            "accepted_growth",
            f"at most {MAX_GROWTH:g} times as much is accepted as in the fullest recent batch",
            "More is rules that let everything through, or identities that no longer hold.",
            high=MAX_GROWTH,
        ),
        _between(
            "fetched_fits_its_hour",
            "fetched_count",
            "fetched_remainder",
            f"at least {MIN_REMAINDER:.0%} of the emptiest batch of this hour is fetched",
            "Less is feeds that fell silent; what does come is loaded all the same.",
            low=MIN_REMAINDER,
        ),
        _between(
            "undated_share_is_usual",
            "published_at",
            "undated_rise",
            f"the share of entries without a date is at most {MAX_UNDATED_RISE:.0%} above its past",
            "More is a parser that no longer reads dates; articles would keep none.",
            high=MAX_UNDATED_RISE,
        ),
    )


def _between(
    name: str,
    column: str,
    on: str,
    rule: str,
    why: str,
    *,
    low: float | None = None,
    high: float | None = None,
) -> Check:
    options = (("min_value", low), ("max_value", high))
    return Check(name, column, BETWEEN, rule, why, on=(on,), options=options)


FEED_SUITE: tuple[Check, ...] = (
    _between(
        "feed_lost_no_entry",
        "quarantined_count",
        "lost",
        "the parser read every entry that is in the document's bytes",
        "What it lost is counted as quarantined, and is in the archive alone.",
        low=0,
        high=0,
    ),
    _between(
        "feed_carries_no_less_than_usual",
        "fetched_count",
        "item_remainder",
        f"the document has at least {MIN_REMAINDER:.0%} of the entries of the feed's emptiest",
        "Less is a feed that was cut, moved or replaced by a notice.",
        low=MIN_REMAINDER,
    ),
    _between(
        "feed_carries_no_more_than_usual",
        "fetched_count",
        "item_growth",
        f"the document has at most {MAX_GROWTH:g} times the entries of the feed's fullest",
        "More is a feed that was replaced, or a publisher's archive poured out.",
        high=MAX_GROWTH,
    ),
)


def describe_batch(
    counts: EntryCounts,
    history: BatchHistory,
    limits: Limits,
    *,
    undated_count: int | None,
    entry_count: int | None,
) -> BatchFacts:
    """`undated_count` of the `entry_count` entries that were judged have no date. Pure."""
    parts = (counts.accepted, counts.unchanged, counts.off_topic, counts.quarantined)
    is_enough = counts.fetched >= limits.min_entries
    known = (*history.recent, *history.same_hour)
    most = max((past.counts.accepted for past in known), default=0)
    is_surge_judged = len(history.recent) >= MIN_HISTORY and counts.accepted >= limits.min_entries
    hour = [past.counts.fetched for past in history.same_hour]
    return BatchFacts(
        fetched=counts.fetched,
        counted=sum(parts),
        least_count=min(parts),
        quarantined=counts.quarantined,
        quarantined_share=counts.quarantined / counts.fetched if is_enough else None,
        accepted=counts.accepted,
        most_accepted=most if is_surge_judged else None,
        accepted_growth=counts.accepted / max(most, 1) if is_surge_judged else None,
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


def judge_batch(facts: BatchFacts, limits: Limits) -> tuple[ExpectationResult, ...]:
    """Every check on the batch as a whole; shares are given in entries, not in batches."""
    results = _judge(build_batch_suite(limits), {0: facts}, BatchFacts)
    in_entries = {
        "quarantined_share_is_bearable": (facts.fetched, facts.quarantined),
        "undated_share_is_usual": (facts.fetched, int(facts.undated or 0)),
    }
    return tuple(
        replace(result, element_count=pair[0], unexpected_count=pair[1])
        if (pair := in_entries.get(result.expectation))
        else result
        for result in results
    )


def judge_feeds(
    documents: Sequence[DocumentReport], history: Mapping[int, FeedHistory]
) -> tuple[ExpectationResult, ...]:
    """Every check on the batch's documents; none for a batch without one."""
    facts = {
        document.feed_key: _describe_feed(document, history.get(document.feed_key))
        for document in documents
        if document.error_class is None
    }
    return _judge(FEED_SUITE, facts, FeedFacts) if facts else ()


def _describe_feed(document: DocumentReport, past: FeedHistory | None) -> FeedFacts:
    if past is None or past.fetch_count < MIN_HISTORY:
        return FeedFacts(document.lost_count, None, None)
    return FeedFacts(
        document.lost_count,
        document.item_count / max(past.least, 1),
        document.item_count / max(past.most, 1),
    )


def _judge(
    suite: Sequence[Check], facts: Mapping[int, Any], kind: type[Any]
) -> tuple[ExpectationResult, ...]:
    refuse_unknown_columns(suite, kind._fields)
    return tuple(
        ExpectationResult(
            SUITE_NAME,
            judgement.check.name,
            judgement.check.column,
            not judgement.failing,
            judgement.element_count,
            len(judgement.failing),
        )
        for judgement in judge_facts(suite, facts, kind._fields, kind.__annotations__)
    )
