"""A loaded ruleset: frozen values, ready to match."""

from dataclasses import dataclass

from silkwire.topics.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Rule:
    """Groups of terms that together count for or against a topic, and their weight.

    Each of `parts` (bit masks of alternative groups) must be hit: anywhere in the text, in one
    sentence, or within `within_chars` characters; in the order of `parts` if `is_ordered`.
    """

    name: str
    weight: float
    parts: tuple[int, ...]
    within: str
    """`text`, `sentence` or `chars`."""
    within_chars: int = 0
    is_ordered: bool = False
    unless: int = 0
    """Groups that cancel the rule if they are hit anywhere."""
    is_head_only: bool = False
    scope: str | None = None
    is_veto: bool = False
    is_certain: bool = False
    """If it fires in the headline, the model may not lower the sum of the rules."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Sparse weights of features, which are added to the weighted sum of the rules."""

    bias: float
    rules_weight: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class TopicRules:
    topic: str
    title: str
    threshold: float
    bias: float
    summary_share: float
    """The share of its weight that a rule has if it fires outside the headline."""
    group_names: dict[int, str]
    """By bit."""
    groups_mask: int
    candidates: tuple[tuple[int, ...], ...]
    """Alternatives, each of several parts. A text that satisfies none is off topic, unscored."""
    rules: tuple[Rule, ...]
    flags: tuple[tuple[str, int], ...] = ()
    hiding_mask: int = 0
    """Groups whose hits hide hits of the topic's other groups within them (South China Sea)."""
    model: LinearModel | None = None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """The rules of every topic, one lexicon for all, and the hash of their files."""

    version: str
    topics: tuple[TopicRules, ...]
    lexicon: Lexicon

    @property
    def thresholds(self) -> dict[str, float]:
        """By topic, the score from which a text is on it."""
        return {rules.topic: rules.threshold for rules in self.topics}
