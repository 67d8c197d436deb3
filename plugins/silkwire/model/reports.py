"""How many, of a batch."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """The five counts: `fetched` is the sum of the other four (promise 1)."""

    fetched: int = 0
    accepted: int = 0
    unchanged: int = 0
    off_topic: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """How the accepted entries came in: `accepted` is their sum."""

    inserted: int = 0
    revised: int = 0
    variant: int = 0


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """`due` = new + not_modified + unchanged_body + failed; `skipped` were not due, or leased."""

    due: int = 0
    new: int = 0
    not_modified: int = 0
    unchanged_body: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch did; printed by `silkwire ingest --json` as it stands."""

    batch_id: str
    verdict: str
    feeds: FeedCounts = field(default_factory=FeedCounts)
    entries: EntryCounts = field(default_factory=EntryCounts)
    articles: ArticleCounts = field(default_factory=ArticleCounts)
    seconds: dict[str, float] = field(default_factory=dict)
