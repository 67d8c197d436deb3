"""Pairs of texts that a person read and labelled as one text or two, and how well we tell them.

`tests/data/syndication_pairs.tsv` names texts of `../shared` without quoting them: `pool:` or
`dev:` and the row of `topics/pool.tsv.gz` or `topics/dev.tsv`, `corpus:` or `series:` and the
document with the entry's position.
"""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from silkwire.model import ParseJob
from silkwire.parse import parse_document
from silkwire.syndication.sketch import list_bands
from silkwire.syndication.text import ArticleText, Reading, read_text
from silkwire.syndication.verify import compare_texts

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
LABELS = ROOT / "tests" / "data" / "syndication_pairs.tsv"
ITEMS = {"pool": "pool.tsv.gz", "dev": "dev.tsv"}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two texts, whether they are one, what kind of pair they are, and what they are used for."""

    left: Reading
    right: Reading
    is_copy: bool
    kind: str
    is_hard: bool
    part: str
    is_lone_item: bool
    """Whether its outlet is not a feed of which most entries are here."""


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs told rightly and wrongly; precision, recall and F1 are of the pairs that are copies."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def precision(self) -> float:
        return self.true_positive / (self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        return self.true_positive / (self.true_positive + self.false_negative)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def read_pairs() -> list[LabelledPair]:
    """All labelled pairs with their texts. Raises FileNotFoundError without `../shared`."""
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    texts = dict(_read_texts({row[side] for row in rows for side in ("left", "right")}))
    return [
        LabelledPair(
            texts[row["left"]],
            texts[row["right"]],
            row["is_copy"] == "1",
            row["kind"],
            row["is_hard"] == "1",
            row["part"],
            row["left"].partition(":")[0] in ITEMS,
        )
        for row in rows
    ]


def score_pairs(pairs: Iterable[LabelledPair], *, is_sketched: bool = False) -> Score:
    """How well they are told; `is_sketched`: only those that share a band are compared at all."""
    told = Counter(
        (is_told_copy(pair) and (not is_sketched or is_candidate(pair)), pair.is_copy)
        for pair in pairs
    )
    return Score(told[True, True], told[True, False], told[False, True], told[False, False])


@cache
def is_told_copy(pair: LabelledPair) -> bool:
    return compare_texts(pair.left, pair.right).is_copy


@cache
def is_candidate(pair: LabelledPair) -> bool:
    """Whether the two share a band, so that they would be compared at all."""
    left, right = list_bands([pair.left, pair.right])
    return not set(left).isdisjoint(right)


def _read_texts(references: set[str]) -> Iterator[tuple[str, Reading]]:
    wanted: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        source, _, rest = reference.partition(":")
        document, _, position = rest.partition("#")
        wanted[f"{source}:{document}" if position else source].add(reference)
    for name in sorted(wanted):
        read = _read_items(name) if name in ITEMS else _read_document(name)
        yield from ((ref, read_text(text)) for ref, text in read if ref in wanted[name])


def _read_items(name: str) -> Iterator[tuple[str, ArticleText]]:
    path = SHARED / "topics" / ITEMS[name]
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows, start=1):
            yield f"{name}:{number}", ArticleText(row["title"], row["summary"], row["outlet"])


def _read_document(name: str) -> Iterator[tuple[str, ArticleText]]:
    source, _, document = name.partition(":")
    folder = SHARED / ("corpus/feeds" if source == "corpus" else "series")
    outlet = re.sub(r"-\d+\.\w+$", "", document) if source == "corpus" else document.split("/")[0]
    parsed = parse_document(ParseJob(0, (folder / document).read_bytes()))
    for entry in parsed.entries:
        lead = entry.summary or (entry.body if source == "series" else None)
        yield f"{name}#{entry.position}", ArticleText(entry.title, lead, outlet)
