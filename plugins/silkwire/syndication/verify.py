"""Decide whether two articles carry one text. Pure, symmetric; every answer has a reason.

There are three scores: for two outlets, which rewrite titles but seldom leads; for two articles of
one outlet, whose newsletters, columns and series repeat a lead (their siblings show this); and for
titles alone, if a lead is missing. A pair that scores as one text is vetoed if its numbers or names
contradict each other, or if one outlet has both and their titles are not sure to name one event:
a copy hides an article. Weights and figures: docs/design/copies.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from silkwire.syndication import overlap
from silkwire.syndication.events import is_one_event
from silkwire.syndication.features import (
    describe_leads,
    describe_titles,
    is_column,
    is_live,
    is_same_outlet,
)
from silkwire.syndication.score import LIMIT, score_pair
from silkwire.syndication.text import TokenizedText, has_han

MIN_LEAD = 8
MIN_HAN_LEAD = 16
"""Tokens; a shorter text does not count as a lead."""
AKIN_TITLE = 0.2
"""From this overlap on (`compare_order`), two titles are alike enough to compare their numbers."""
SAME_LEAD = 0.5
"""From this shared part of a lead on, the reason is `same lead`; the score decides."""


class Reason(StrEnum):
    SAME_LEAD = "same lead"
    EDITED_LEAD = "same title, edited lead"
    SAME_TITLE = "same title, one lead missing"
    NOTHING_SHARED = "too little shared"
    OTHER_LEAD = "same title, other lead"
    SERIES = "a lead that this outlet repeats"
    LIVE = "a live page and an article"
    NUMBERS = "numbers contradict"
    NAMES = "names contradict"
    UNSURE = "perhaps two events of one outlet"


_COPIES = frozenset({Reason.SAME_LEAD, Reason.EDITED_LEAD, Reason.SAME_TITLE})


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether two texts are copies, why, and the share of the shorter in the other (0 to 1)."""

    reason: Reason
    similarity: float

    @property
    def is_copy(self) -> bool:
        return self.reason in _COPIES


def compare_texts(
    one: TokenizedText, other: TokenizedText, siblings: Sequence[TokenizedText] = ()
) -> Comparison:
    """Compare two texts; their order makes no difference.

    `siblings` are other texts that their outlet had published by then and that may have the same
    lead; they are used if one outlet has both.
    """
    if (other.title, other.lead) < (one.title, one.lead):
        one, other = other, one
    if one.lead and (one.title, one.lead) == (other.title, other.lead) and not is_column(one):
        return Comparison(rule_out(one, other) or Reason.SAME_LEAD, 1.0)
    if not (has_lead(one) and has_lead(other)):
        likeness = overlap.compare_order(one.title, other.title)
        return Comparison(_decide_titles(one, other), likeness)
    share = overlap.measure_share(
        overlap.list_grams(one.lead, 3), overlap.list_grams(other.lead, 3)
    )
    return Comparison(_decide_leads(one, other, siblings, share), share)


def name_kind(one: TokenizedText, other: TokenizedText) -> str:
    """The kind of pair, which selects the weights."""
    if not (has_lead(one) and has_lead(other)):
        return "titles"
    return "leads of one outlet" if is_same_outlet(one, other) else "leads of two outlets"


def find_veto(one: TokenizedText, other: TokenizedText) -> Reason | None:
    """The reason why two similar texts are not copies: their numbers or names differ."""
    title_swaps = overlap.list_swaps(one.title, other.title)
    lead_swaps = (
        overlap.list_swaps(one.lead, other.lead) if has_lead(one) and has_lead(other) else []
    )
    is_akin = overlap.compare_order(one.title, other.title) >= AKIN_TITLE
    if (
        (is_akin and overlap.is_number_changed(one.title, other.title))
        or (is_same_outlet(one, other) and overlap.is_sequel(one.title, other.title))
        or any(map(overlap.is_number_swap, (*title_swaps, *lead_swaps)))
    ):
        return Reason.NUMBERS
    is_named_anew = is_same_outlet(one, other) and overlap.is_character_changed(
        one.title, other.title, title_swaps
    )
    if is_named_anew or overlap.is_name_changed(title_swaps, lead_swaps):
        return Reason.NAMES
    return None


def rule_out(one: TokenizedText, other: TokenizedText) -> Reason | None:
    """The reason why two texts that score as one are not, or not surely, copies."""
    if is_same_outlet(one, other) and not is_one_event(one, other):
        return find_veto(one, other) or Reason.UNSURE
    return find_veto(one, other)


def _decide_leads(
    one: TokenizedText, other: TokenizedText, siblings: Sequence[TokenizedText], share: float
) -> Reason:
    features = describe_leads(one, other, siblings)
    if score_pair(name_kind(one, other), features) >= LIMIT:
        return rule_out(one, other) or (
            Reason.SAME_LEAD if share >= SAME_LEAD else Reason.EDITED_LEAD
        )
    if share < SAME_LEAD:
        return Reason.OTHER_LEAD if one.title == other.title else Reason.NOTHING_SHARED
    if is_live(one) != is_live(other):
        return Reason.LIVE
    return Reason.SERIES if is_same_outlet(one, other) else Reason.NOTHING_SHARED


def _decide_titles(one: TokenizedText, other: TokenizedText) -> Reason:
    if score_pair("titles", describe_titles(one, other)) >= LIMIT:
        return rule_out(one, other) or Reason.SAME_TITLE
    return Reason.NOTHING_SHARED


def has_lead(text: TokenizedText) -> bool:
    return len(text.lead) >= (MIN_HAN_LEAD if has_han(text.lead) else MIN_LEAD)
