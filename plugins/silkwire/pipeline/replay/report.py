"""What a replay did, added up batch by batch."""

from dataclasses import dataclass, field, fields
from typing import Any

from silkwire.archive import Damage
from silkwire.model import ArticleCounts, BatchReport, EntryCounts


@dataclass(slots=True)
class ReplayedBatches:
    """`found` = replayed + known + abandoned + running + empty."""

    found: int = 0
    replayed: int = 0
    known: int = 0
    """Nothing of them that is selected was missing."""
    abandoned: int = 0
    running: int = 0
    undecided: int = 0
    """Replayed, but judged anew, for no decision on them was archived."""
    empty: int = 0
    """Nothing in them is selected, or can be read."""


@dataclass(slots=True)
class ReplayedFetches:
    """`found` = replayed + known + superseded, of the fetches that are selected."""

    found: int = 0
    replayed: int = 0
    known: int = 0
    superseded: int = 0
    """Left out, since the warehouse has read their feeds later: start from an empty one."""
    lost: int = 0
    """Not in the archive any more, by what the decisions say."""


@dataclass(slots=True)
class ReplayReport:
    """What a replay did; printed by `silkwire replay --json` as it stands."""

    batches: ReplayedBatches = field(default_factory=ReplayedBatches)
    fetches: ReplayedFetches = field(default_factory=ReplayedFetches)
    verdicts: dict[str, int] = field(default_factory=dict)
    entries: EntryCounts = field(default_factory=EntryCounts)
    articles: ArticleCounts = field(default_factory=ArticleCounts)
    damages: list[Damage] = field(default_factory=list)
    rules_lost: tuple[str, ...] = ()
    """Versions of the rules that the archive lacks; the configured ones stood in."""
    reviews_refused: list[str] = field(default_factory=list)
    """Why a decision of then could not be made again, for each."""

    def count_batch(self, state: str) -> None:
        """One more batch that is `known`, `abandoned`, `running` or `empty`."""
        setattr(self.batches, state, getattr(self.batches, state) + 1)

    def add_batch(self, batch: BatchReport) -> None:
        """What a batch brought, now that its verdict is in force."""
        self.verdicts[batch.verdict] = self.verdicts.get(batch.verdict, 0) + 1
        self.entries = _sum(self.entries, batch.entries)
        self.articles = _sum(self.articles, batch.articles)


def _sum(first: Any, second: Any) -> Any:
    names = [item.name for item in fields(first)]
    return type(first)(**{name: getattr(first, name) + getattr(second, name) for name in names})
