"""Describe a pair of texts by features: numbers from 0 to 1. Pure, symmetric.

`score.py` adds them up. If both texts have a lead, the features say how much of it is shared, and
whether the shared part holds the words of the titles. Otherwise they compare the titles.
"""

from collections.abc import Iterable
from datetime import timedelta
from difflib import SequenceMatcher
from functools import lru_cache

from silkwire.syndication import overlap
from silkwire.syndication.text import LEAD_TOKENS, TokenizedText, Tokens, has_han
from silkwire.syndication.words import COLUMN_WORDS, HAN_COLUMN_WORDS, LIVE_WORDS, RELAYS

Features = dict[str, float]

_LONG_RUN, _LONG_OPENING, _MANY_WORDS, _SPOKEN_WORDS = 30, 15, 8, 4
_LONG_TITLE, _MANY_SWAPS, _MANY_REPEATS = 20, 4, 3
"""Larger counts than these have the same effect."""
_LONG_AGO = timedelta(days=7)


def describe_leads(
    one: TokenizedText, other: TokenizedText, siblings: Iterable[TokenizedText] = ()
) -> Features:
    """The features of two texts that both have a lead.

    If one outlet has both, `siblings` are other texts that it had published by then.
    """
    is_han = has_han(one.title + other.title)
    leads = [overlap.list_content(text.lead, is_han=is_han) for text in (one, other)]
    wholes = [
        overlap.list_content(text.title, is_han=is_han) | lead
        for text, lead in zip((one, other), leads, strict=True)
    ]
    titles = [
        overlap.list_content(title, is_han=is_han)
        for title in overlap.strip_label(one.title, other.title)
    ]
    said = leads[0] & leads[1]
    passages = overlap.list_passages(one.lead, other.lead)
    length = min(len(one.lead), len(other.lead))
    return {
        "text_contained": overlap.measure_share(*wholes),
        "lead_in_order": sum(passages) / length,
        "lead_run": _limit(max(passages, default=0), _LONG_RUN),
        "lead_length": length / LEAD_TOKENS,
        "opening": _limit(overlap.measure_opening(one.lead, other.lead), _LONG_OPENING),
        "lead_on_titles": _limit(min(len(title & said) for title in titles), _SPOKEN_WORDS),
        "title_words": _limit(len(titles[0] & titles[1]), _MANY_WORDS),
        "live": float(is_live(one) != is_live(other)),
        "repeated": count_repeats(one, other, siblings) / _MANY_REPEATS,
        "days": measure_days(one, other),
    }


def describe_titles(one: TokenizedText, other: TokenizedText) -> Features:
    """The features of two texts of which at least one has no lead."""
    shorter, longer = sorted((one.title, other.title), key=len)
    swaps = [s for s in overlap.list_swaps(one.title, other.title) if not overlap.is_spelling(*s)]
    first, second = sorted(("".join(one.title), "".join(other.title)))
    letters = SequenceMatcher(None, first, second, autojunk=False)
    is_same = one.title == other.title
    return {
        "order": overlap.compare_order(one.title, other.title),
        "letters": letters.ratio(),
        "swaps": _limit(len(swaps), _MANY_SWAPS),
        "same": float(is_same),
        "same_length": _limit(len(shorter), _LONG_TITLE) if is_same else 0.0,
        "han": float(has_han(longer)),
        "own": float(is_same_outlet(one, other)),
        "relayed": float(
            not is_same_outlet(one, other) and (is_relay(one.outlet) or is_relay(other.outlet))
        ),
        "column": float(is_column(one) and is_column(other)),
        "days": measure_days(one, other),
    }


def count_repeats(
    one: TokenizedText, other: TokenizedText, siblings: Iterable[TokenizedText]
) -> int:
    """Count the other titles, at most three, under which the shared part of two leads also stands.

    Such a part is a template, not a story.
    """
    shared = overlap.list_grams(one.lead, 3) & overlap.list_grams(other.lead, 3)
    titles: set[Tokens] = set()
    for sibling in siblings if shared else ():
        if len(titles) == _MANY_REPEATS:
            break
        is_elsewhere = sibling.title not in (one.title, other.title)
        if is_elsewhere and 2 * len(shared & overlap.list_grams(sibling.lead, 3)) >= len(shared):
            titles.add(sibling.title)
    return len(titles)


def measure_days(one: TokenizedText, other: TokenizedText) -> float:
    """How far apart they were published, in weeks, at most 1; 0 if a date is missing."""
    if one.published_at is None or other.published_at is None:
        return 0.0
    return min(abs(one.published_at - other.published_at) / _LONG_AGO, 1.0)


def is_same_outlet(one: TokenizedText, other: TokenizedText) -> bool:
    return one.outlet is not None and one.outlet == other.outlet


@lru_cache(maxsize=10_000)
def is_relay(outlet: str | None) -> bool:
    """Whether an outlet is an aggregator or a news agency, by its name."""
    return outlet is not None and RELAYS.search(outlet.lower()) is not None


def is_live(text: TokenizedText) -> bool:
    return not LIVE_WORDS.isdisjoint(text.title)


def is_column(text: TokenizedText) -> bool:
    """Whether the title is that of a column, which has the same one every day or week."""
    joined = "".join(text.title)
    return not COLUMN_WORDS.isdisjoint(text.title) or any(
        word in joined for word in HAN_COLUMN_WORDS
    )


def _limit(count: int, most: int) -> float:
    return min(count, most) / most
