"""Find the rules that fire in a text, and the hits that made them fire. Pure."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from silkwire.topics.lexicon import Hit
from silkwire.topics.ruleset import Rule, TopicRules
from silkwire.topics.scan import ScannedText


class Firing(NamedTuple):
    """A rule that fired, with its weight, which is smaller outside the headline."""

    rule: Rule
    weight: float
    hits: tuple[Hit, ...]

    @property
    def is_certain(self) -> bool:
        """Whether it is a certain rule that fired in the headline (`Rule.is_certain`)."""
        return self.rule.is_certain and self.weight == self.rule.weight


def fire_rules(text: ScannedText, rules: TopicRules) -> list[Firing]:
    """The rules that fire, each once, in the ruleset's order; headline hits are preferred."""
    hits = text.select_hits(rules)
    present = 0
    for hit in hits:
        present |= hit.groups
    head_end = text.head_end
    sentences = _split_hits(text, hits)
    firings = []
    for rule in rules.rules:
        if rule.unless & present or not _holds_all(rule.parts, present):
            continue
        found = _find_frame(rule, hits, sentences, head_end)
        if found is not None:
            is_head = all(hit.start < head_end for hit in found)
            share = 1.0 if is_head or rule.within == "text" else rules.summary_share
            firings.append(Firing(rule, rule.weight * share, found))
    return firings


def _holds_all(parts: tuple[int, ...], present: int) -> bool:
    for part in parts:  # noqa: SIM110 - a generator takes three times as long
        if not part & present:
            return False
    return True


def _split_hits(text: ScannedText, hits: list[Hit]) -> list[list[Hit]]:
    sentences: dict[int, list[Hit]] = {}
    for hit in hits:
        sentences.setdefault(text.find_sentence(hit.start), []).append(hit)
    return list(sentences.values())


def _find_frame(
    rule: Rule, hits: list[Hit], sentences: list[list[Hit]], head_end: int
) -> tuple[Hit, ...] | None:
    if rule.within == "text":
        places: Iterable[list[Hit]] = (hits,)
    elif rule.within == "sentence":
        places = sentences
    else:
        places = _list_windows(sentences, rule.within_chars)
    for place in places:
        if rule.is_head_only and place[0].start >= head_end:
            return None
        within_head = [hit for hit in place if hit.start < head_end] if rule.is_head_only else place
        found = _pick_parts(rule, within_head)
        if found is not None:
            return found
    return None


def _list_windows(sentences: list[list[Hit]], size: int) -> Iterator[list[Hit]]:
    """For each hit, that hit and the later ones of its sentence within `size` characters."""
    for sentence in sentences:
        for first, hit in enumerate(sentence):
            yield [other for other in sentence[first:] if other.end - hit.start <= size]


def _pick_parts(rule: Rule, place: list[Hit]) -> tuple[Hit, ...] | None:
    """The first hits that satisfy the parts of the rule, one for each; None if a part has none."""
    picked: list[Hit] = []
    after = 0
    for part in rule.parts:
        for hit in place:
            if hit.groups & part and hit.start >= after and hit not in picked:
                picked.append(hit)
                after = hit.end if rule.is_ordered else 0
                break
        else:
            return None
    return tuple(picked)
