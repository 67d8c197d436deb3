"""Validate the documents of a batch with the `batch` suite: each beside earlier ones of its feed.

A document that fails a check with `holds` is held: its entries that would be accepted go to
quarantine, and the rest of the batch is loaded.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from silkwire.model import ExpectationResult, Reason
from silkwire.validate.batch import MIN_HISTORY, CountedDocument, validate_facts_of
from silkwire.validate.suites.batch import FEED_SUITE, Limits
from silkwire.validate.suites.predicates import show_value

HOLDING_CHECKS = tuple(check.name for check in FEED_SUITE if check.holds)
"""The names of the checks that hold a document."""


class FeedFacts(NamedTuple):
    """One document of the batch; None where there is nothing to compare with."""

    lost: int
    items: int
    item_remainder: float | None
    item_growth: float | None
    accepted: int
    most_accepted: float | None
    accepted_growth: float | None
    undated: float | None
    undated_rise: float | None
    """The share of entries without a date, minus the highest such share of the feed's history."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a document is held, as a sentence and as the reasons of each of its entries."""

    why: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class DocumentsValidation:
    """The results over all documents, and the holds by feed key."""

    results: tuple[ExpectationResult, ...] = ()
    holds: dict[int, Hold] = field(default_factory=dict)


def validate_documents(documents: Sequence[CountedDocument], limits: Limits) -> DocumentsValidation:
    """Validate every document; a document without a new entry is not held."""
    facts = {one.report.feed_key: _describe(one, limits) for one in documents}
    if not facts:
        return DocumentsValidation()
    found = validate_facts_of(FEED_SUITE, facts, FeedFacts)
    failing = {result.expectation: set(keys) for result, keys in found}
    holds = {
        key: _explain(one, [name for name in HOLDING_CHECKS if key in failing[name]])
        for key, one in facts.items()
        if one.accepted and any(key in failing[name] for name in HOLDING_CHECKS)
    }
    return DocumentsValidation(tuple(result for result, _ in found), holds)


def _describe(document: CountedDocument, limits: Limits) -> FeedFacts:
    report, past, accepted = document.report, document.past, document.counts.accepted
    is_known = past is not None and past.fetch_count >= MIN_HISTORY
    most = past.most_accepted if past and is_known and accepted >= limits.min_entries else None
    return FeedFacts(
        lost=report.lost_count,
        items=report.item_count,
        item_remainder=report.item_count / max(past.least, 1) if past and is_known else None,
        item_growth=report.item_count / max(past.most, 1) if past and is_known else None,
        accepted=accepted,
        most_accepted=most,
        accepted_growth=None if most is None else accepted / max(most, 1),
        undated=report.undated_count,
        undated_rise=_find_undated_rise(document, limits),
    )


def _find_undated_rise(document: CountedDocument, limits: Limits) -> float | None:
    report, past = document.report, document.past
    if past is None or past.most_undated is None or past.dated_count < MIN_HISTORY:
        return None
    if report.undated_count is None or report.item_count < limits.min_entries:
        return None
    return report.undated_count / report.item_count - past.most_undated


def _explain(facts: FeedFacts, names: Sequence[str]) -> Hold:
    checks = [check for check in FEED_SUITE if check.name in names]
    values: Mapping[str, object] = facts._asdict()
    return Hold(
        "; ".join((check.holds or "").format(facts=facts) for check in checks),
        tuple(
            Reason(check.name, check.column, show_value(values[check.shown_column]), check.rule)
            for check in checks
        ),
    )
