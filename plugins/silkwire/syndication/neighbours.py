"""Compare the articles of a batch with those that share a band with them. Pure.

One outlet's newsletters and series put one lead under many titles, its copies under two: so a pair
of one outlet is compared in view of its siblings, which are what else that outlet had by then.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from silkwire.syndication.evidence import is_own
from silkwire.syndication.text import ArticleText, Reading, read_text
from silkwire.syndication.verify import Comparison, compare_texts


class FirstText(Protocol):
    """An article with the text that its first feed brought."""

    article_key: int
    first_seen_at: datetime
    published_at: datetime | None
    outlet: str
    title: str | None
    lead: str | None


class Neighbours:
    """Articles by key, and which of them share a band."""

    def __init__(self, rows: Iterable[FirstText]) -> None:
        self.readings: dict[int, Reading] = {}
        self._seen: dict[int, datetime] = {}
        self._near: dict[int, set[int]] = defaultdict(set)
        self.read(rows)

    def read(self, rows: Iterable[FirstText]) -> None:
        """Read the texts of these articles."""
        for row in rows:
            text = ArticleText(row.title, row.lead, row.outlet, row.published_at)
            self.readings[row.article_key] = read_text(text)
            self._seen[row.article_key] = row.first_seen_at

    def join(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Note who shares a band with whom."""
        for one, other in pairs:
            self._near[one].add(other)
            self._near[other].add(one)

    def compare(self, one: int, other: int) -> Comparison:
        """Compare two articles that were read."""
        readings = self.readings[one], self.readings[other]
        siblings = self._list_siblings(one, other) if is_own(*readings) else ()
        return compare_texts(*readings, siblings)

    def _list_siblings(self, one: int, other: int) -> list[Reading]:
        # Of the newer one's neighbours those that were seen before it, not those that came later:
        # so neither the size of a batch nor a replay makes a difference.
        newest = max(self._seen[one], self._seen[other])
        near = {
            key
            for article in (one, other)
            if self._seen[article] == newest
            for key in self._near[article] - {one, other}
        }
        return [
            self.readings[key]
            for key in sorted(near & self.readings.keys())
            if self._seen[key] <= newest and is_own(self.readings[key], self.readings[one])
        ]
