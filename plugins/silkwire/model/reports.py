"""Counts: what a batch did, and what each of its steps did."""

from dataclasses import dataclass, field

from silkwire.model.decisions import Reason


@dataclass(frozen=True, slots=True)
class EntryCounts:
    """The five counts: `fetched` is the sum of the other four."""

    fetched: int = 0
    accepted: int = 0
    unchanged: int = 0
    off_topic: int = 0
    quarantined: int = 0


@dataclass(frozen=True, slots=True)
class ArticleCounts:
    """The accepted entries by outcome; `accepted` of the five counts is their sum."""

    inserted: int = 0
    revised: int = 0
    variant: int = 0


@dataclass(frozen=True, slots=True)
class FeedCounts:
    """`due` = new + not_modified + unchanged_body + failed. `skipped` were not leased."""

    due: int = 0
    new: int = 0
    not_modified: int = 0
    unchanged_body: int = 0
    failed: int = 0
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class HeldDocument:
    """A document of a published batch whose new entries are in quarantine, and why."""

    feed_url: str
    why: str
    reasons: tuple[Reason, ...] = ()
    """The expectations on documents that it failed; each of its entries fails them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A batch's verdict: `published`, `held`, `released` or `rejected`, and why it is held."""

    verdict: str
    reason: str | None = None
    held_documents: tuple[HeldDocument, ...] = ()
    """Of a published batch."""


@dataclass(frozen=True, slots=True)
class BatchReport:
    """What one batch did; `silkwire ingest --json` prints these fields."""

    batch_id: str
    verdict: str
    feeds: FeedCounts = field(default_factory=FeedCounts)
    entries: EntryCounts = field(default_factory=EntryCounts)
    articles: ArticleCounts = field(default_factory=ArticleCounts)
    seconds: dict[str, float] = field(default_factory=dict)
    held_documents: tuple[HeldDocument, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanReport:
    """What the plan leased. In a replay it also names the archived batch."""

    shards: int = 0
    due: int = 0
    skipped: int = 0
    shard_names: tuple[str, ...] = ()
    """The hosts of each shard, for people."""
    replays: str | None = None
    """The batch id in the archive."""
    is_whole: bool | None = None
    """Whether the replay loads all fetches of that batch."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class FetchReport:
    """How many fetches of a shard had each outcome."""

    new: int = 0
    not_modified: int = 0
    unchanged_body: int = 0
    failed: int = 0
    seconds: float = 0.0

    @property
    def attempt_count(self) -> int:
        return self.new + self.not_modified + self.unchanged_body + self.failed


@dataclass(frozen=True, slots=True)
class ParseReport:
    documents: int = 0
    failed: int = 0
    """Documents that are no feed."""
    items: int = 0
    """Entries counted in the documents' bytes, whether or not the parser could read them."""
    entries: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MatchReport:
    ruleset: str = ""
    """The version of the topic rules."""
    entries: int = 0
    topics: dict[str, int] = field(default_factory=dict)
    """How many entries are on each topic."""
    thresholds: dict[str, float] = field(default_factory=dict)
    """By topic, the score from which a text is on it; empty if no text was matched."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class ValidateReport:
    entries: int = 0
    failed: int = 0
    undated: int = 0
    """Entries without a date of publication."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadReport:
    verdict: str = ""
    feeds: dict[str, int] = field(default_factory=dict)
    """Feeds by the outcome of their fetch; a document that is no feed counts as failed."""
    seconds: float = 0.0
    held_documents: tuple[HeldDocument, ...] = ()


StepReport = PlanReport | FetchReport | ParseReport | MatchReport | ValidateReport | LoadReport


@dataclass(frozen=True, slots=True)
class StepReports:
    """The reports of the finished steps (`ops.batch.step_reports`)."""

    plan: PlanReport | None = None
    fetches: dict[int, FetchReport] = field(default_factory=dict)
    """By shard."""
    parse: ParseReport | None = None
    match: MatchReport | None = None
    validate: ValidateReport | None = None
    load: LoadReport | None = None

    def find(self, step: str) -> StepReport | None:
        """The report of `plan`, `fetch 0`, `parse`, `match`, `validate` or `load`."""
        name, _, shard = step.partition(" ")
        report: StepReport | None = (
            self.fetches.get(int(shard)) if name == "fetch" else getattr(self, name)
        )
        return report
