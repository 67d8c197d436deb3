"""Match a text with the topics of a ruleset: a decision for each. Pure."""

import math
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from functools import cache, reduce
from operator import or_

from silkwire.model import Evidence, Factor, TopicDecision
from silkwire.topics.features import list_features
from silkwire.topics.frames import Firing, fire_rules
from silkwire.topics.ruleset import Ruleset, TopicRules
from silkwire.topics.scan import ScannedText, scan_text

DEDICATED_FEED = "dedicated_feed"
"""The factor of a match by a dedicated feed, which does not depend on the words."""
_EVIDENCE_LIMIT = 24
_FACTOR_FLOOR = 0.02
"""Smaller contributions of the model are summed up in one factor."""


def match_topics(
    title: str | None,
    summary: str | None,
    language: str | None,
    ruleset: Ruleset,
    *,
    on: date | None = None,
) -> tuple[TopicDecision, ...]:
    """One decision for each topic of `ruleset`, in its order.

    Evidence counts code points of the texts as given. `on` is the day on which dated terms must be
    valid; None takes them all. `language` changes nothing so far: the text's characters decide.
    """
    text = scan_text(title, summary, ruleset.lexicon, on)
    return tuple(decide_topic(text, rules) for rules in ruleset.topics)


def dedicate(
    decisions: Iterable[TopicDecision], topics: Iterable[str]
) -> tuple[TopicDecision, ...]:
    """The decisions for an entry of a feed that is dedicated to `topics`, all of which match.

    Score and evidence stay as the rules gave them; a factor names the dedicated feed.
    """
    wanted = frozenset(topics)
    factor = Factor(DEDICATED_FEED, 1.0)
    return tuple(
        replace(decision, is_match=True, factors=(*decision.factors, factor))
        if decision.topic in wanted
        else decision
        for decision in decisions
    )


def decide_topic(text: ScannedText, rules: TopicRules) -> TopicDecision:
    """Decide one topic for a scanned text."""
    present = text.present & rules.groups_mask
    if not present or not is_candidate(present, rules):
        return _say_no(rules.topic)
    firings = fire_rules(text, rules)
    stated = rules.bias + sum(firing.weight for firing in firings)
    logit, factors = stated, [Factor("bias", rules.bias)]
    if rules.model is not None:
        logit, factors = _apply_model(text, rules, firings, stated)
    is_vetoed = any(firing.rule.is_veto for firing in firings)
    score = 0.0 if is_vetoed else _squash(logit)
    is_match = score >= rules.threshold
    return TopicDecision(
        topic=rules.topic,
        is_match=is_match,
        score=round(score, 4),
        scope=_choose_scope(firings) if is_match else None,
        evidence=_cite_evidence(text, rules, firings),
        factors=tuple(factors),
        flags=tuple(name for name, mask in rules.flags if mask & present),
    )


@cache
def _say_no(topic: str) -> TopicDecision:
    """The decision "off topic" without reasons; cached, because nearly every text gets it."""
    return TopicDecision(topic, False, 0.0)


def is_candidate(present: int, rules: TopicRules) -> bool:
    """Whether the groups that were hit include one of the topic's candidates."""
    for parts in rules.candidates:
        for part in parts:
            if not part & present:
                break
        else:
            return True
    return False


def _apply_model(
    text: ScannedText, rules: TopicRules, firings: list[Firing], stated: float
) -> tuple[float, list[Factor]]:
    model = rules.model
    assert model is not None
    known = model.weights.keys() & list_features(text, rules, firings)
    contributions = [(name, model.weights[name]) for name in sorted(known)]
    factors = [Factor("bias", round(model.bias, 4))]
    factors.append(Factor("rules", round(model.rules_weight * stated, 4)))
    factors += [_name_factor(n, w) for n, w in contributions if abs(w) >= _FACTOR_FLOOR]
    small = sum(w for _, w in contributions if abs(w) < _FACTOR_FLOOR)
    if small:
        factors.append(Factor("model:other", round(small, 4)))
    logit = model.bias + model.rules_weight * stated + sum(w for _, w in contributions)
    if logit < stated and any(firing.is_certain for firing in firings):
        return stated, [*factors, Factor("certain_rule", round(stated - logit, 4))]
    return logit, factors


@cache
def _name_factor(feature: str, weight: float) -> Factor:
    """Cached: a text has dozens of factors, and the model has a limited number of weights."""
    return Factor(f"model:{feature}", weight)


def _squash(logit: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, logit))))


def _choose_scope(firings: list[Firing]) -> str | None:
    """The scope with the most weight; of two with equal weight, the one of the earlier rule."""
    weights: dict[str, float] = {}
    for firing in firings:
        if firing.rule.scope is not None and firing.weight > 0:
            scope = firing.rule.scope
            weights[scope] = weights.get(scope, 0.0) + firing.weight
    return max(weights, key=lambda scope: weights[scope]) if weights else None


def _cite_evidence(
    text: ScannedText, rules: TopicRules, firings: list[Firing]
) -> tuple[Evidence, ...]:
    """The spans of the rules that fired; if no rule supports the topic, the candidates' spans."""
    spans: dict[tuple[int, int, str], float] = {}
    for firing in firings:
        for hit in firing.hits:
            spans.setdefault((hit.start, hit.end, firing.rule.name), firing.weight)
    if not any(firing.weight > 0 for firing in firings):
        asked = reduce(or_, (part for parts in rules.candidates for part in parts))
        for hit in text.select_hits(rules):
            if groups := hit.groups & asked:
                name = rules.group_names[groups & -groups]
                spans.setdefault((hit.start, hit.end, name), 0.0)
    cited = sorted(spans.items(), key=lambda item: item[0])
    return tuple(
        text.cite(start, end, rule, round(weight, 4))
        for (start, end, rule), weight in cited[:_EVIDENCE_LIMIT]
    )
