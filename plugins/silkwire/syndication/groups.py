"""Group the articles that carry one text, and find each group's origin. Pure.

A group is a connected component of the pairs that are copies, so the order of pairs and batches
makes no difference. Its origin is the article that was public first; of several at the same instant
the one seen first, and then the one with the smallest url.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """The values of an article that decide its place in a group."""

    article_key: int
    public_at: datetime
    """Its time of publication if that is exact, else `first_seen_at` (`core.public_at`)."""
    first_seen_at: datetime
    canonical_url: str | None
    identity_hash: bytes
    origin_key: int | None = None
    """The origin of its present group; None if it has no group or is the origin."""

    @property
    def rank(self) -> tuple[datetime, datetime, str, bytes]:
        """The member with the smallest value is the origin; keys do not count, as they vary by
        load."""
        return self.public_at, self.first_seen_at, self.canonical_url or "", self.identity_hash


def find_origins(members: Iterable[Member], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Join the groups that `pairs` connect; return the origin's key for every member.

    `members` are all articles of all groups that a pair touches.
    """
    by_key = {member.article_key: member for member in members}
    parents = {key: key for key in by_key}
    known = [(m.article_key, m.origin_key) for m in by_key.values() if m.origin_key is not None]
    for one, other in (*known, *pairs):
        roots = _find_root(parents, one), _find_root(parents, other)
        first, second = sorted(roots, key=lambda key: by_key[key].rank)
        parents[second] = first
    return {key: _find_root(parents, key) for key in by_key}


def _find_root(parents: dict[int, int], key: int) -> int:
    while parents[key] != key:
        parents[key] = parents[parents[key]]
        key = parents[key]
    return key
