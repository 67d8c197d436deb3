"""Decide whether two articles carry one text. Pure, symmetric, and every answer has its reason.

A score adds up what the two share: one for two outlets, whose titles are rewritten but whose leads
seldom are; one for an outlet with itself, since newsletters, columns and series put one lead under
everything, as their siblings show; one for titles where a lead is missing. What scores as one text
is vetoed by numbers or names that contradict each other. Why, and how well: docs/design/copies.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from silkwire.syndication import overlap
from silkwire.syndication.evidence import (
    describe_leads,
    describe_titles,
    is_column,
    is_live,
    is_own,
)
from silkwire.syndication.score import LIMIT, score_pair
from silkwire.syndication.text import Reading, has_han

MIN_LEAD = 8
MIN_HAN_LEAD = 16
"""Tokens; what is shorter is no lead."""
AKIN_TITLE = 0.2
"""Of the pairs of neighbours, what titles of one form share, so that numbers can be compared."""
SAME_TITLE = 0.7
SAME_LEAD = 0.5
"""By which an answer is named, not by which it is found."""


class Reason(StrEnum):
    """What decided."""

    SAME_LEAD = "same lead"
    EDITED_LEAD = "same title, edited lead"
    SAME_TITLE = "same title, one lead missing"
    NOTHING_SHARED = "too little shared"
    OTHER_LEAD = "same title, other lead"
    SERIES = "a lead that this outlet repeats"
    LIVE = "a live page and an article"
    NUMBERS = "numbers contradict"
    NAMES = "names contradict"


_COPIES = frozenset({Reason.SAME_LEAD, Reason.EDITED_LEAD, Reason.SAME_TITLE})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two texts are one, why, and how much of the shorter is in the other (0 to 1)."""

    reason: Reason
    similarity: float

    @property
    def is_copy(self) -> bool:
        return self.reason in _COPIES


def compare_texts(one: Reading, other: Reading, siblings: Sequence[Reading] = ()) -> Comparison:
    """Compare two texts; the order of the two makes no difference.

    `siblings`: what else their outlet had published by then that may carry the same lead; of use
    where one outlet has both.
    """
    if (other.title, other.lead) < (one.title, one.lead):
        one, other = other, one
    if one.lead and (one.title, one.lead) == (other.title, other.lead) and not is_column(one):
        return Comparison(Reason.SAME_LEAD, 1.0)
    if not (has_lead(one) and has_lead(other)):
        likeness = overlap.compare_order(one.title, other.title)
        return Comparison(_judge_titles(one, other), likeness)
    share = overlap.measure_share(
        overlap.list_grams(one.lead, 3), overlap.list_grams(other.lead, 3)
    )
    return Comparison(_judge_leads(one, other, siblings, share), share)


def name_kind(one: Reading, other: Reading) -> str:
    """Which weights a pair is scored by."""
    if not (has_lead(one) and has_lead(other)):
        return "titles"
    return "leads of one outlet" if is_own(one, other) else "leads of two outlets"


def find_veto(one: Reading, other: Reading) -> Reason | None:
    """Numbers or names that contradict each other in two texts that share much."""
    title_swaps = overlap.list_swaps(one.title, other.title)
    lead_swaps = (
        overlap.list_swaps(one.lead, other.lead) if has_lead(one) and has_lead(other) else []
    )
    is_akin = overlap.compare_order(one.title, other.title) >= AKIN_TITLE
    if (
        (is_akin and overlap.is_number_changed(one.title, other.title))
        or (is_own(one, other) and overlap.is_sequel(one.title, other.title))
        or any(map(overlap.is_number_swap, (*title_swaps, *lead_swaps)))
    ):
        return Reason.NUMBERS
    is_named_anew = is_own(one, other) and overlap.is_character_changed(
        one.title, other.title, title_swaps
    )
    if is_named_anew or overlap.is_name_changed(title_swaps, lead_swaps):
        return Reason.NAMES
    return None


def _judge_leads(one: Reading, other: Reading, siblings: Sequence[Reading], share: float) -> Reason:
    evidence = describe_leads(one, other, siblings)
    if score_pair(name_kind(one, other), evidence) >= LIMIT:
        return find_veto(one, other) or (
            Reason.SAME_LEAD if share >= SAME_LEAD else Reason.EDITED_LEAD
        )
    if share < SAME_LEAD:
        return Reason.OTHER_LEAD if one.title == other.title else Reason.NOTHING_SHARED
    if is_live(one) != is_live(other):
        return Reason.LIVE
    return Reason.SERIES if is_own(one, other) else Reason.NOTHING_SHARED


def _judge_titles(one: Reading, other: Reading) -> Reason:
    """Where a lead is missing: the titles alone."""
    if score_pair("titles", describe_titles(one, other)) >= LIMIT:
        return find_veto(one, other) or Reason.SAME_TITLE
    return Reason.NOTHING_SHARED


def has_lead(text: Reading) -> bool:
    return len(text.lead) >= (MIN_HAN_LEAD if has_han(text.lead) else MIN_LEAD)
