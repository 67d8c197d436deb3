"""Decide whether titles or bodies show that two articles are about one event. Pure, symmetric.

An outlet puts a standing lead under many articles, and a standing title over many issues. So what
two of its articles share must hold most of the longer lead, must name the event that each title
names, and must not come back on another day.
"""

from datetime import timedelta

from silkwire.syndication import overlap
from silkwire.syndication.text import ArticleText, TokenizedText, Tokens, has_han, tokenize

EVENT_WORDS = 4
"""Fewer content words of a title (in Han: pairs of characters) do not name an event."""
EVENT_SHARE = 0.5
"""The part of each title's content words that stand in the other title or in both leads."""
WHOLE = 2 / 3
"""The part of the longer lead, or body, that stands in the other in the same order."""
NEXT_ISSUE = timedelta(hours=20)
"""A title that an outlet uses again after this time is over the next issue of a column."""
BODY_TOKENS = 60
"""A shorter text may be a standing lead."""


def is_one_event(one: TokenizedText, other: TokenizedText) -> bool:
    """Whether two articles of one outlet are sure to be about one event."""
    return (
        name_one_event(one, other)
        and is_mostly_shared(one.lead, other.lead)
        and not is_next_issue(one, other)
    )


def is_surely_one_text(one: ArticleText, other: ArticleText) -> bool:
    """Whether titles or bodies, and not a lead alone, say that two copies are one text."""
    if name_one_event(tokenize(one), tokenize(other)):
        return True
    first, second = (tokenize(ArticleText(None, text.body)).lead for text in (one, other))
    return min(len(first), len(second)) >= BODY_TOKENS and is_mostly_shared(first, second)


def name_one_event(one: TokenizedText, other: TokenizedText) -> bool:
    """Whether each title names an event that the other title, or both leads, name too."""
    first, second = _list_words(one, other)
    is_han = has_han(one.title + other.title)
    in_leads = overlap.list_content(one.lead, is_han=is_han) & overlap.list_content(
        other.lead, is_han=is_han
    )
    shared = first & (second | in_leads), second & (first | in_leads)
    return all(
        len(found) >= max(EVENT_WORDS, EVENT_SHARE * len(title))
        for found, title in zip(shared, (first, second), strict=True)
    )


def is_mostly_shared(one: Tokens, other: Tokens) -> bool:
    """Whether most of the longer text stands in the other; a missing one contradicts nothing."""
    if not (one and other):
        return True
    return sum(overlap.list_passages(one, other)) >= WHOLE * max(len(one), len(other))


def is_next_issue(one: TokenizedText, other: TokenizedText) -> bool:
    """Whether the titles differ by a date at most, and the articles are of different days."""
    if one.published_at is None or other.published_at is None:
        return False
    first, second = _list_words(one, other)
    return first == second and abs(one.published_at - other.published_at) >= NEXT_ISSUE


def _list_words(one: TokenizedText, other: TokenizedText) -> tuple[frozenset[object], ...]:
    is_han = has_han(one.title + other.title)
    return tuple(overlap.list_content(text.title, is_han=is_han) for text in (one, other))
