"""The report of a replay, summed batch by batch."""

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
    """Batches of which the warehouse has everything that is selected."""
    abandoned: int = 0
    running: int = 0
    undecided: int = 0
    """Batches that were replayed without an archived verdict and got a new one."""
    empty: int = 0
    """Batches in which nothing is selected or readable."""


@dataclass(slots=True)
class ReplayedFetches:
    """Counts of the selected fetches: `found` = replayed + known + superseded."""

    found: int = 0
    replayed: int = 0
    known: int = 0
    superseded: int = 0
    """Fetches left out because their feed has loaded later ones; none in an empty warehouse."""
    lost: int = 0
    """Fetches that the batch's decision counts but the archive does not hold."""


@dataclass(slots=True)
class ReplayReport:
    """What a replay did; `silkwire replay --json` prints these fields."""

    batches: ReplayedBatches = field(default_factory=ReplayedBatches)
    fetches: ReplayedFetches = field(default_factory=ReplayedFetches)
    verdicts: dict[str, int] = field(default_factory=dict)
    entries: EntryCounts = field(default_factory=EntryCounts)
    articles: ArticleCounts = field(default_factory=ArticleCounts)
    damages: list[Damage] = field(default_factory=list)
    rules_lost: tuple[str, ...] = ()
    """Versions that the archive lacks; the configured ruleset was used in their place."""
    reviews_refused: list[str] = field(default_factory=list)
    """The reasons why archived decisions could not be repeated."""

    def count_batch(self, state: str) -> None:
        """Count one more batch as `known`, `abandoned`, `running` or `empty`."""
        setattr(self.batches, state, getattr(self.batches, state) + 1)

    def add_batch(self, batch: BatchReport) -> None:
        """Add a batch whose verdict is final."""
        self.verdicts[batch.verdict] = self.verdicts.get(batch.verdict, 0) + 1
        self.entries = _sum(self.entries, batch.entries)
        self.articles = _sum(self.articles, batch.articles)


def _sum(first: Any, second: Any) -> Any:
    names = [item.name for item in fields(first)]
    return type(first)(**{name: getattr(first, name) + getattr(second, name) for name in names})
