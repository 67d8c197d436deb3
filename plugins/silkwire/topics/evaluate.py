"""Measure the rules on labelled items: precision, recall and F1, with Wilson intervals."""

import csv
import hashlib
import math
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
"""Of the normal distribution, for 95% intervals."""


@dataclass(frozen=True, slots=True)
class LabelledItem:
    """One row of a labelled file: what two people said, and how many items it stands for."""

    item_id: str
    language: str
    stratum: str
    weight: float
    is_sure: bool
    title: str
    summary: str
    topics: frozenset[str]
    line: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules said of a labelled item on one topic."""

    item: LabelledItem
    decision: TopicDecision
    is_labelled: bool

    @property
    def is_right(self) -> bool:
        return self.decision.is_match == self.is_labelled


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one slice, and the same weighted by what each item stands for."""

    true_positives: float
    false_positives: float
    false_negatives: float
    item_count: int

    @property
    def precision(self) -> float | None:
        return _divide(self.true_positives, self.true_positives + self.false_positives)

    @property
    def recall(self) -> float | None:
        return _divide(self.true_positives, self.true_positives + self.false_negatives)

    @property
    def f1(self) -> float | None:
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return _divide(2 * self.true_positives, both)


def is_held_out(item_id: str) -> bool:
    """Whether an item is kept from training and tuning for ever: three tenths, by its id's hash."""
    return int(hashlib.sha256(item_id.encode()).hexdigest(), 16) % 10 < _HELD_OUT_TENTHS


def read_labelled(file: Path, topics: Iterable[str]) -> list[LabelledItem]:
    """The rows of a tab-separated file with a column of 0 and 1 for each topic.

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
        message = f"weight '{values['weight']}' is no number"
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


def judge_items(items: Iterable[LabelledItem], ruleset: Ruleset) -> Iterator[Verdict]:
    """The rules' decision on every item and topic, beside the label."""
    for item in items:
        for decision in match_topics(item.title, item.summary, item.language, ruleset):
            yield Verdict(item, decision, decision.topic in item.topics)


def score_verdicts(verdicts: Iterable[Verdict], *, is_weighted: bool = False) -> Score:
    """Count hits, false alarms and misses; weighted, each item counts for those it stands for."""
    counts = {(True, True): 0.0, (True, False): 0.0, (False, True): 0.0, (False, False): 0.0}
    total = 0
    for verdict in verdicts:
        weight = verdict.item.weight if is_weighted else 1.0
        counts[verdict.decision.is_match, verdict.is_labelled] += weight
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
