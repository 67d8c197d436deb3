"""Why an article is on its topics: rules with the words that they matched, and factors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

_FEATURE = "model:"
Weights = Sequence[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Reason:
    """A rule, and the words that it matched in one field."""

    field: str
    words: tuple[str, ...]
    rule: str
    weight: float


@dataclass(frozen=True, slots=True)
class TopicDecision:
    """A topic that the article's text is on, with everything that contributed to the score."""

    topic: str
    score: float
    scope: str | None
    ruleset: str
    reasons: tuple[Reason, ...]
    factors: Weights
    """Name and weight of each contribution without words. `model` sums up the model's features."""
    features: Weights
    """Name and weight of each feature of the model, the heaviest first."""


def group_topics(rows: Sequence[Any]) -> Iterator[TopicDecision]:
    """A decision per topic. `rows` are those of `why` in `article.sql`, in its order."""
    for topic, group in groupby(rows, key=lambda row: row.topic):
        found = list(group)
        factors, features = _split_factors([(r.rule, r.weight) for r in found if not r.field])
        yield TopicDecision(
            topic,
            found[0].score,
            found[0].scope,
            found[0].ruleset,
            tuple(_group_reasons(found)),
            factors,
            features,
        )


def _group_reasons(rows: Sequence[Any]) -> Iterator[Reason]:
    words: dict[tuple[str, str, float], list[str]] = {}
    for row in rows:
        if row.field:
            words.setdefault((row.field, row.rule, row.weight), []).append(row.matched_text)
    for (field, rule, weight), found in words.items():
        yield Reason(field, tuple(found), rule, weight)


def _split_factors(factors: Weights) -> tuple[Weights, Weights]:
    features = [(n.removeprefix(_FEATURE), w) for n, w in factors if n.startswith(_FEATURE)]
    others = [(name, weight) for name, weight in factors if not name.startswith(_FEATURE)]
    if features:
        others.append(("model", sum(weight for _, weight in features)))
    return tuple(others), tuple(sorted(features, key=lambda feature: -abs(feature[1])))
