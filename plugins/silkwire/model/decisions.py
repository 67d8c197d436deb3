"""What was decided on an entry, and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that contributed to a decision: `text` is `field` at code points [start, end)."""

    field: str
    start: int
    end: int
    text: str
    rule: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Factor:
    """A contribution without a span: a dedicated feed, a model's weight."""

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicDecision:
    """Whether one text is on one topic, and why."""

    topic: str
    is_match: bool
    score: float
    scope: str | None = None
    evidence: tuple[Evidence, ...] = ()
    factors: tuple[Factor, ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MatchedEntry:
    """The topic decisions on one entry of the batch, one for each topic of the ruleset."""

    entry_number: int
    decisions: tuple[TopicDecision, ...]

    @property
    def is_on_topic(self) -> bool:
        return any(decision.is_match for decision in self.decisions)


@dataclass(frozen=True, slots=True)
class Reason:
    """One expectation that a record failed."""

    expectation: str
    column: str | None
    value: str | None
    rule: str


@dataclass(frozen=True, slots=True)
class FailedEntry:
    """An entry that Great Expectations fails, with every reason."""

    entry_number: int
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """The result of one expectation on one batch (a row of `ops.expectation_result`)."""

    suite: str
    expectation: str
    column: str | None
    is_success: bool
    element_count: int
    unexpected_count: int
