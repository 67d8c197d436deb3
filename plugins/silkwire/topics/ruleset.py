"""What a ruleset is once it is loaded: frozen values, ready to match."""

from dataclasses import dataclass

from silkwire.topics.lexicon import Lexicon


@dataclass(frozen=True, slots=True)
class Rule:
    """A frame: groups of terms that together say something, and what that is worth.

    `parts` are alternatives of groups (bit masks), each of which must be hit: anywhere in the
    text, in one sentence, or within `within_chars`; in this order if `is_ordered`.
    """

    name: str
    weight: float
    parts: tuple[int, ...]
    within: str
    """`text`, `sentence` or `chars`."""
    within_chars: int = 0
    is_ordered: bool = False
    unless: int = 0
    """Groups that, hit anywhere, cancel the rule."""
    is_head_only: bool = False
    scope: str | None = None
    is_veto: bool = False
    is_certain: bool = False
    """Where it fires in the headline, a model may not talk down what the rules say in sum."""


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Sparse weights on lexical features; adds to what the rules say."""

    bias: float
    rules_weight: float
    weights: dict[str, float]


@dataclass(frozen=True, slots=True)
class TopicRules:
    """The rules of one topic."""

    topic: str
    title: str
    threshold: float
    bias: float
    summary_share: float
    """What a rule that fires outside the headline is worth, as a share of its weight."""
    group_names: dict[int, str]
    """Group by its bit."""
    groups_mask: int
    candidates: tuple[tuple[int, ...], ...]
    """Alternatives; a text that meets none is off topic without further thought."""
    rules: tuple[Rule, ...]
    flags: tuple[tuple[str, int], ...] = ()
    hiding_mask: int = 0
    """Groups whose hits hide those of the topic's other groups under them (South China Sea)."""
    model: LinearModel | None = None


@dataclass(frozen=True, slots=True)
class Ruleset:
    """Every topic, one lexicon, and the hash of the files that they come from."""

    version: str
    topics: tuple[TopicRules, ...]
    lexicon: Lexicon
