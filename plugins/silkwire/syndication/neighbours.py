"""Compare articles that share a band, together with what else their outlet published. Pure.

Two articles of one outlet with the same lead may be copies, or two issues of a newsletter or a
series. Their siblings distinguish these cases: other articles of that outlet, seen by then, that
share a band with them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from silkwire.syndication.features import is_same_outlet
from silkwire.syndication.text import ArticleText, TokenizedText, tokenize
from silkwire.syndication.verify import Comparison, compare_texts


class Neighbours:
    """Articles by key, and which of them share a band; `rows` are those of `link.sql`."""

    def __init__(self, rows: Iterable[Row[Any]]) -> None:
        self.texts: dict[int, TokenizedText] = {}
        self._seen: dict[int, datetime] = {}
        self._near: dict[int, set[int]] = defaultdict(set)
        self.add(rows)

    def add(self, rows: Iterable[Row[Any]]) -> None:
        """Add articles with their texts."""
        for row in rows:
            at = row.published_at or row.first_seen_at
            text = ArticleText(row.title, row.lead, row.outlet, at)
            self.texts[row.article_key] = tokenize(text)
            self._seen[row.article_key] = row.first_seen_at

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Record that the articles of each pair share a band."""
        for one, other in pairs:
            self._near[one].add(other)
            self._near[other].add(one)

    def compare(self, one: int, other: int) -> Comparison:
        """Compare two articles that were added."""
        texts = self.texts[one], self.texts[other]
        siblings = self._list_siblings(one, other) if is_same_outlet(*texts) else ()
        return compare_texts(*texts, siblings)

    def _list_siblings(self, one: int, other: int) -> list[TokenizedText]:
        # Neighbours of the newer article that were not seen after it, so that neither the size of a
        # batch nor a replay makes a difference.
        newest = max(self._seen[one], self._seen[other])
        near = {
            key
            for article in (one, other)
            if self._seen[article] == newest
            for key in self._near[article] - {one, other}
        }
        return [
            self.texts[key]
            for key in sorted(near & self.texts.keys())
            if self._seen[key] <= newest and is_same_outlet(self.texts[key], self.texts[one])
        ]
