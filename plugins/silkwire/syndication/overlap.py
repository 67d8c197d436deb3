"""Measure what two token sequences share, and where they contradict each other. Pure."""

import re
from collections.abc import Iterable
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile

from silkwire.syndication.text import Tokens, has_han, is_number
from silkwire.syndication.words import EMPTY_WORDS, HAN_ORDINALS

Swap = tuple[Tokens, Tokens]

_ALIKE, _SPELT_ALIKE = 0.5, 0.7
_SMALL = 4
"""A swap is at most this many tokens long on either side."""
_LABEL = 3
"""From this many tokens on, a common beginning of two titles may be a column's name."""
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_WORD, _STEM = 3, 6
"""The minimum length of a content word, and how many of its first letters are compared."""


def compare_order(one: Tokens, other: Tokens) -> float:
    """The share of all pairs of adjacent tokens that both texts have (Jaccard)."""
    a, b = list_grams(one, 2), list_grams(other, 2)
    return len(a & b) / len(a | b) if a and b else 0.0


def measure_share(one: frozenset[object], other: frozenset[object]) -> float:
    """The share of the smaller set that is in the other; 0 if one is empty."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0


def list_passages(one: Tokens, other: Tokens) -> list[int]:
    """The lengths of the passages that both texts have in the same order: the longest, then those
    before and behind it, and so on."""
    first, second = sorted((one, other))  # SequenceMatcher depends on which text comes first
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    return [block.size for block in matcher.get_matching_blocks() if block.size]


def measure_opening(one: Tokens, other: Tokens) -> int:
    """How many tokens both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


@lru_cache(maxsize=4_000)
def list_grams(tokens: Tokens, size: int) -> frozenset[Tokens]:
    """The runs of `size` adjacent tokens; a shorter text is one run."""
    if len(tokens) <= size:
        return frozenset({tokens}) if tokens else frozenset()
    return frozenset(tokens[i : i + size] for i in range(len(tokens) - size + 1))


@lru_cache(maxsize=4_000)
def list_content(tokens: Tokens, *, is_han: bool) -> frozenset[object]:
    """The content words, cut to their first letters, without numbers and dates; pairs in Han."""
    if is_han:
        return frozenset(list_grams(tokens, 2))
    return frozenset(
        token.removesuffix("s")[:_STEM]
        for token in tokens
        if len(token) >= _WORD and token not in EMPTY_WORDS and not is_number(token)
    )


def strip_label(one: Tokens, other: Tokens) -> Swap:
    """Both titles without their common beginning, if that is a label: half of a title at most."""
    head = measure_opening(one, other)
    head = head if _LABEL <= head <= min(len(one), len(other)) - head + 1 else 0
    return one[head:], other[head:]


def list_swaps(one: Tokens, other: Tokens) -> list[Swap]:
    """The short places at which the two texts differ, with the tokens of each."""
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return [
        (one[a:b], other[c:d])
        for kind, a, b, c, d in matcher.get_opcodes()
        if kind == "replace" and b - a <= _SMALL and d - c <= _SMALL
    ]


def is_number_changed(one: Tokens, other: Tokens) -> bool:
    """Whether each text has a number that the other lacks."""
    mine, theirs = set(filter(is_number, one)), set(filter(is_number, other))
    return bool(mine - theirs) and bool(theirs - mine)


def is_sequel(one: Tokens, other: Tokens) -> bool:
    """Whether one title is the other plus a number, such as Ferries and Ferries 2. A year does not
    count: link lists append it to old articles."""
    shorter, longer = sorted((one, other), key=len)
    added = [token for token in longer if is_number(token) and token not in shorter]
    return shorter == tuple(t for t in longer if t not in added) and any(
        not _YEAR.fullmatch(token) for token in added
    )


def is_number_swap(swap: Swap) -> bool:
    """Whether the swap exchanges numbers, or ordinals such as (一) and (二)."""
    if any(map(is_number, swap[0])) and any(map(is_number, swap[1])):
        return True
    return all(len(side) == 1 and side[0] in HAN_ORDINALS for side in swap)


def is_name_changed(title_swaps: Iterable[Swap], lead_swaps: Iterable[Swap]) -> bool:
    """Whether title and lead exchange the same words, as a template with another name does."""
    found = list(lead_swaps)
    return any(
        not is_spelling(*swap) and set(swap[0]) & set(pair[0]) and set(swap[1]) & set(pair[1])
        for swap in title_swaps
        for pair in found
    )


def is_character_changed(one: Tokens, other: Tokens, swaps: Iterable[Swap]) -> bool:
    """Whether two similar titles in Han have as many, but other, characters in one place."""
    if not has_han(one + other) or compare_order(one, other) < _ALIKE:
        return False
    return any(len(mine) == len(theirs) for mine, theirs in swaps)


def is_spelling(mine: Tokens, theirs: Tokens) -> bool:
    """Whether these are one word in two spellings, such as bulls-eye and bullseye."""
    one, other = "".join(mine), "".join(theirs)
    if one.startswith(other) or other.startswith(one):
        return True
    return SequenceMatcher(None, one, other, autojunk=False).ratio() >= _SPELT_ALIKE
