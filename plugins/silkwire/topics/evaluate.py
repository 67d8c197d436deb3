"""Measure the rules on labelled items: precision, recall and F1, with Wilson intervals."""

import csv
import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from silkwire.errors import ConfigError
from silkwire.model import TopicDecision
from silkwire.topics.decide import match_topics
from silkwire.topics.ruleset import Ruleset

_HELD_OUT_TENTHS = 3
_COLUMNS = ("id", "lang", "stratum", "weight", "sure", "title", "summary")
_Z = 1.959964
"""The quantile of the normal distribution for 95% intervals."""


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One row of a labelled file."""

    item_id: str
    language: str
    stratum: str
    weight: float
    """How many items of the population this item represents."""
    is_sure: bool
    """Whether two readers were sure of the labels."""
    title: str
    summary: str
    topics: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True)
class LabelledDecision:
    """The rules' decision on one topic of a labelled item, with the label."""

    item: LabelledItem
    decision: TopicDecision
    is_labelled: bool
    """Whether the item is labelled as on this topic."""

    @property
    def is_right(self) -> bool:
        return self.decision.is_match == self.is_labelled


@dataclass(frozen=True, slots=True)
class Score:
    """The counts of one slice, or the sums of its items' weights."""

    true_positives: float
    false_positives: float
    false_negatives: float
    item_count: int

    @property
    def matched(self) -> float:
        return self.true_positives + self.false_positives

    @property
    def labelled(self) -> float:
        return self.true_positives + self.false_negatives

    @property
    def precision(self) -> float | None:
        return _divide(self.true_positives, self.matched)

    @property
    def recall(self) -> float | None:
        return _divide(self.true_positives, self.labelled)

    @property
    def f1(self) -> float | None:
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return _divide(2 * self.true_positives, both)


def is_held_out(item_id: str) -> bool:
    """Whether an item is never used for training and tuning: three tenths, by the id's hash."""
    return int(hashlib.sha256(item_id.encode()).hexdigest(), 16) % 10 < _HELD_OUT_TENTHS


def read_labelled(file: Path, topics: Iterable[str]) -> list[LabelledItem]:
    """The rows of a tab-separated file that has a column of 0 and 1 for each topic.

    Raises ConfigError with file and line for a row that does not fit.
    """
    wanted = tuple(topics)
    try:
        with file.open(encoding="utf-8", newline="") as lines:
            reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [c for c in (*_COLUMNS, *wanted) if c not in (reader.fieldnames or ())]
            if missing:
                raise ConfigError(f"column '{missing[0]}' is missing", file=file, line=1)
            return [_read_row(row, wanted, file, reader.line_num) for row in reader]
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError("is not UTF-8", file=file) from exc


def _read_row(
    row: dict[str, str | None], topics: tuple[str, ...], file: Path, line: int
) -> LabelledItem:
    values = {name: row[name] or "" for name in (*_COLUMNS, *topics)}
    try:
        weight = float(values["weight"])
    except ValueError as exc:
        message = f"weight '{values['weight']}' is not a number"
        raise ConfigError(message, file=file, line=line) from exc
    for topic in topics:
        if values[topic] not in ("0", "1"):
            message = f"{topic} must be 0 or 1, not '{values[topic]}'"
            raise ConfigError(message, file=file, line=line)
    return LabelledItem(
        item_id=values["id"],
        language=values["lang"],
        stratum=values["stratum"],
        weight=weight,
        is_sure=values["sure"] == "1",
        title=values["title"],
        summary=values["summary"],
        topics=frozenset(topic for topic in topics if values[topic] == "1"),
        line=line,
    )


def match_items(items: Iterable[LabelledItem], ruleset: Ruleset) -> Iterator[LabelledDecision]:
    """The rules' decision on every item and topic, with the label."""
    for item in items:
        for decision in match_topics(item.title, item.summary, item.language, ruleset):
            yield LabelledDecision(item, decision, decision.topic in item.topics)


def score_decisions(decisions: Iterable[LabelledDecision], *, is_weighted: bool = False) -> Score:
    """Count right and wrong decisions; with `is_weighted`, an item counts by its weight."""
    counts: defaultdict[tuple[bool, bool], float] = defaultdict(float)
    total = 0
    for found in decisions:
        weight = found.item.weight if is_weighted else 1.0
        counts[found.decision.is_match, found.is_labelled] += weight
        total += 1
    return Score(counts[True, True], counts[True, False], counts[False, True], total)


def compute_wilson_interval(successes: float, trials: float) -> tuple[float, float] | None:
    """The 95% interval of a share (Wilson, JASA 22 (1927) 209); None without trials."""
    if trials <= 0:
        return None
    share = successes / trials
    spread = _Z * math.sqrt(share * (1 - share) / trials + _Z**2 / (4 * trials**2))
    centre = share + _Z**2 / (2 * trials)
    scale = 1 + _Z**2 / trials
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def _divide(part: float, whole: float) -> float | None:
    return part / whole if whole else None
