"""Decide whether a new text fits a watch. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from silkwire.watches.rules import Watch

Fold = Callable[[str], str]
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Found:
    """A new text of an article on at least one topic, and what matched."""

    revision_key: int
    article_key: int
    is_edit: bool
    seen_at: datetime
    outlet: str
    title: str
    summary: str
    url: str | None
    topics: tuple[str, ...]
    scopes: tuple[str, ...]
    matched: tuple[str, ...]
    """The words of the text that matched its topics."""
    text_key: str
    """One key for all articles that are surely one text, so that each watch is notified once."""


def fits(watch: Watch, found: Found, fold: Fold) -> bool:
    """Whether the text fits the watch; `fold` unifies the spellings of a word."""
    return (
        set(watch.topics) <= set(found.topics)
        and (not watch.scopes or not set(watch.scopes).isdisjoint(found.scopes))
        and (not watch.outlets or found.outlet.casefold() in _lower(watch.outlets))
        and (not watch.words or _has_word(watch.words, f"{found.title}\n{found.summary}", fold))
    )


def _lower(names: tuple[str, ...]) -> set[str]:
    return {name.casefold() for name in names}


def _has_word(words: tuple[str, ...], text: str, fold: Fold) -> bool:
    folded = fold(text)
    return any(_compile(fold(word)).search(folded) for word in words)


@cache
def _compile(word: str) -> re.Pattern[str]:
    """A pattern for the whole word, or for any occurrence in a script without spaces."""
    if not word:
        return re.compile(r"(?!)")
    start = "" if _UNSPACED.match(word[0]) or not word[0].isalnum() else r"(?<![^\W_])"
    end = "" if _UNSPACED.match(word[-1]) or not word[-1].isalnum() else r"(?![^\W_])"
    return re.compile(start + re.escape(word) + end)
