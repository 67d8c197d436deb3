"""Name the features of a text for the linear model, in training and in use. Pure."""

import re

from silkwire.topics.frames import Firing
from silkwire.topics.ruleset import TopicRules
from silkwire.topics.scan import ScannedText

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)?|[0-9]+|[\u3400-\u9fff]+")
_PAIR_WINDOW = 60


def list_features(text: ScannedText, rules: TopicRules, firings: list[Firing]) -> set[str]:
    """The rules that fired, groups and pairs of groups, words and runs of Han characters."""
    features = {f"rule:{firing.rule.name}" for firing in firings}
    features |= _list_groups(text, rules)
    head = text.folded.text[: text.head_end]
    features |= _list_grams("h:", head)
    features |= _list_grams("s:", text.folded.text[text.head_end :])
    features.add("is:zh" if text.is_chinese else "is:en")
    return features


def _list_groups(text: ScannedText, rules: TopicRules) -> set[str]:
    """Prefixes: `g:` group in the headline, `t:` group after it, `p:` two groups in this order."""
    features = set()
    head: list[tuple[int, str]] = []
    for hit in text.select_hits(rules):
        rest = hit.groups
        while rest:
            bit = rest & -rest
            rest ^= bit
            name = rules.group_names[bit]
            if hit.start < text.head_end:
                features.add(f"g:{name}")
                head.append((hit.start, name))
            else:
                features.add(f"t:{name}")
    for number, (start, name) in enumerate(head):
        for other_start, other in head[number + 1 :]:
            if other != name and other_start - start <= _PAIR_WINDOW:
                features.add(f"p:{name}>{other}")
    return features


def _list_grams(prefix: str, text: str) -> set[str]:
    """Words and pairs of words; runs of one to three Han characters."""
    grams: set[str] = set()
    previous = ""
    for token in _TOKEN.findall(text):
        if token[0] >= "\u3400":
            for size in (1, 2, 3):
                grams.update(prefix + token[i : i + size] for i in range(len(token) - size + 1))
            previous = ""
        else:
            word = "0" if token[0].isdigit() else token.removesuffix("'s")
            grams.add(prefix + word)
            if previous:
                grams.add(f"{prefix}{previous} {word}")
            previous = word
    return grams
