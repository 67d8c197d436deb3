"""Put articles that carry one text into groups, each with its origin. Pure.

A group is a connected component of the pairs that are copies, so it does not depend on the order
in which pairs or batches come. Its origin is the article that was seen first; of those seen in the
same instant, the one with the smaller url.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Member:
    """An article as far as its place in a group depends on it."""

    article_key: int
    first_seen_at: datetime
    canonical_url: str | None
    identity_hash: bytes
    origin_key: int | None = None
    """The origin of the group that it was in so far; None if it stood alone or was the origin."""

    @property
    def rank(self) -> tuple[datetime, str, bytes]:
        """The smallest is the origin. Not the key: another load gives other keys."""
        return self.first_seen_at, self.canonical_url or "", self.identity_hash


def find_origins(members: Iterable[Member], pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """article_key → origin's key for every member, after joining the groups that `pairs` connect.

    `members` are all articles of all groups that a pair touches.
    """
    by_key = {member.article_key: member for member in members}
    parents = {key: key for key in by_key}
    known = [(m.article_key, m.origin_key) for m in by_key.values() if m.origin_key is not None]
    for one, other in (*known, *pairs):
        _join(parents, one, other, by_key)
    return {key: _find_root(parents, key) for key in by_key}


def _join(parents: dict[int, int], one: int, other: int, members: Mapping[int, Member]) -> None:
    roots = (_find_root(parents, one), _find_root(parents, other))
    first, second = sorted(roots, key=lambda key: members[key].rank)
    parents[second] = first


def _find_root(parents: dict[int, int], key: int) -> int:
    while parents[key] != key:
        parents[key] = parents[parents[key]]
        key = parents[key]
    return key
