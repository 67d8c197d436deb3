"""Pairs of texts that a person labelled as copies or not, and how well silkwire recognises them.

`tests/data/syndication_pairs.tsv` refers to texts of `../shared` without quoting them: `pool:` or
`dev:` and the row of `topics/pool.tsv.gz` or `topics/dev.tsv`, or `corpus:` or `series:`, the
document and the entry's position in it. `syndication_links.tsv` has the pairs of
`topics/pool2.tsv.gz` that were linked, and what a person read in them afterwards: whether links are
right in texts from which nothing was learnt.
"""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from math import sqrt
from pathlib import Path

from silkwire.model import ParseJob
from silkwire.parse import parse_document
from silkwire.syndication.features import is_same_outlet
from silkwire.syndication.sketch import list_bands
from silkwire.syndication.text import ArticleText, TokenizedText, tokenize
from silkwire.syndication.verify import compare_texts

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
LABELS = ROOT / "tests" / "data" / "syndication_pairs.tsv"
LINKS = ROOT / "tests" / "data" / "syndication_links.tsv"
WINDOW = timedelta(days=14)
NEAR_MISSES = frozenset({"event", "follow_up", "numbers"})
"""Pairs about one thing that are no copies: one event in other words, follow-ups, new numbers."""
UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)
ITEMS = {"pool": "pool.tsv.gz", "pool2": "pool2.tsv.gz", "dev": "dev.tsv"}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two texts, their label, the kind of pair, and the part of the data set."""

    left: TokenizedText
    right: TokenizedText
    is_copy: bool
    kind: str
    is_hard: bool
    part: str
    is_lone_item: bool
    """Whether its outlet is not a feed of which most entries are here."""
    siblings: tuple[TokenizedText, ...] = ()
    """Where one outlet has both: what else it had published by then that shares a band."""

    @property
    def is_within_outlet(self) -> bool:
        return is_same_outlet(self.left, self.right)


@dataclass(frozen=True, slots=True)
class Item:
    """A text of `../shared`, and when a warehouse would have seen it first."""

    name: str
    text: ArticleText
    seen_at: datetime
    """The day of publication of a single item; the fetch of the document for an entry."""


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of right and wrong predictions; a copy is the positive class."""

    true_positive: int
    false_positive: int
    false_negative: int
    true_negative: int

    @property
    def precision(self) -> float:
        return self.true_positive / (self.true_positive + self.false_positive)

    @property
    def precision_interval(self) -> tuple[float, float]:
        """Where the precision lies with 95% confidence (Wilson's interval)."""
        return measure_interval(self.true_positive, self.true_positive + self.false_positive)

    @property
    def recall(self) -> float:
        return self.true_positive / (self.true_positive + self.false_negative)

    @property
    def f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def read_pairs(labels: Path = LABELS) -> list[LabelledPair]:
    """All pairs of a file with their texts. Raises FileNotFoundError without `../shared`."""
    with labels.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    groups = {_name_group(row[side]) for row in rows for side in ("left", "right")}
    items = {item.name: item for group in sorted(groups) for item in _read_group(group)}
    outlets = Outlets(items.values(), {items[row["left"]].text.outlet for row in rows})
    pairs = []
    for row in rows:
        left, right = (items[row[side]] for side in ("left", "right"))
        pairs.append(
            LabelledPair(
                tokenize(left.text),
                tokenize(right.text),
                row["is_copy"] == "1",
                row["kind"],
                row["is_hard"] == "1",
                row["part"],
                row["left"].partition(":")[0] in ITEMS,
                outlets.find_siblings(left.text, right.text),
            )
        )
    return pairs


class Outlets:
    """The texts of some outlets, by outlet and band."""

    def __init__(self, items: Iterable[Item], outlets: Collection[str | None]) -> None:
        self._seen: dict[ArticleText, datetime] = {}
        for item in items:
            if item.text.outlet in outlets:
                known = self._seen.setdefault(item.text, item.seen_at)
                self._seen[item.text] = min(known, item.seen_at)
        self._texts: dict[tuple[str | None, int], list[ArticleText]] = defaultdict(list)
        for text, bands in zip(
            self._seen, list_bands([tokenize(text) for text in self._seen]), strict=True
        ):
            for band in bands:
                self._texts[text.outlet, band].append(text)

    def find_siblings(self, one: ArticleText, other: ArticleText) -> tuple[TokenizedText, ...]:
        """What the warehouse would see beside the newer one; none where two outlets have them."""
        if one.outlet is None or one.outlet != other.outlet:
            return ()
        newest = max(self._seen[one], self._seen[other])
        newer = [tokenize(text) for text in (one, other) if self._seen[text] == newest]
        found = {
            text
            for bands in list_bands(newer)
            for band in bands
            for text in self._texts[one.outlet, band]
            if newest - WINDOW <= self._seen[text] <= newest
            and _is_near(text, one)
            and _is_near(text, other)
        }
        return tuple(map(tokenize, found))


def _is_near(one: ArticleText, other: ArticleText) -> bool:
    if one.published_at is None or other.published_at is None:
        return True
    return abs(one.published_at - other.published_at) <= WINDOW


@cache
def is_predicted_copy(pair: LabelledPair) -> bool:
    return compare_texts(pair.left, pair.right, pair.siblings).is_copy


@cache
def is_linked(pair: LabelledPair) -> bool:
    """Whether the warehouse would link the two: it compares only texts that share a band."""
    left, right = list_bands([pair.left, pair.right])
    return is_predicted_copy(pair) and not set(left).isdisjoint(right)


def score_pairs(
    pairs: Iterable[LabelledPair], predict: Callable[[LabelledPair], bool] = is_predicted_copy
) -> Score:
    found = Counter((predict(pair), pair.is_copy) for pair in pairs)
    return Score(found[True, True], found[True, False], found[False, True], found[False, False])


def measure_interval(hits: int, trials: int) -> tuple[float, float]:
    """Wilson's interval of a share, with 95% confidence."""
    share, square = hits / trials, 1.96**2 / trials
    middle = share + square / 2
    spread = sqrt(square * share * (1 - share) + square**2 / 4)
    return (middle - spread) / (1 + square), (middle + spread) / (1 + square)


def score_even(
    pairs: Collection[LabelledPair], predict: Callable[[LabelledPair], bool] = is_predicted_copy
) -> float:
    """F1 if `pairs` held as many near misses (`NEAR_MISSES`) as copies."""
    copies = [predict(pair) for pair in pairs if pair.is_copy]
    misses = [predict(pair) for pair in pairs if pair.kind in NEAR_MISSES]
    recall, wrong = sum(copies) / len(copies), sum(misses) / len(misses)
    return 2 * recall / (recall + wrong + 1)


def _name_group(reference: str) -> str:
    """What is read together: all documents of an outlet, or a file of items."""
    source, _, rest = reference.partition(":")
    return source if source in ITEMS else f"{source}:{_name_outlet(source, rest.partition('#')[0])}"


def _name_outlet(source: str, document: str) -> str:
    if source == "corpus":
        return re.sub(r"-\d+\.\w+$", "", document)
    return Path(document).parts[0]


def _read_group(group: str) -> Iterator[Item]:
    source, _, outlet = group.partition(":")
    if source in ITEMS:
        yield from _read_items(source)
        return
    folder = SHARED / ("corpus/feeds" if source == "corpus" else "series")
    for path in sorted(folder.glob("*-*.*" if source == "corpus" else "*/*")):
        document = str(path.relative_to(folder))
        if _name_outlet(source, document) == outlet:
            yield from _read_document(source, document, path)


def _read_items(name: str) -> Iterator[Item]:
    path = SHARED / "topics" / ITEMS[name]
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        for number, row in enumerate(rows, start=1):
            day = datetime.fromisoformat(row["published"]).replace(tzinfo=UTC)
            text = ArticleText(row["title"], row["summary"], row["outlet"], day)
            yield Item(f"{name}:{number}", text, day)


def _read_document(source: str, document: str, path: Path) -> Iterator[Item]:
    outlet = _name_outlet(source, document)
    # The corpus has no fetch times: all its documents count as fetched at once.
    fetched_at = datetime.fromisoformat(path.stem) if source == "series" else UNKNOWN
    for entry in parse_document(ParseJob(0, path.read_bytes())).entries:
        lead = entry.summary or (entry.body if source == "series" else None)
        text = ArticleText(entry.title, lead, outlet, entry.published_at)
        yield Item(f"{source}:{document}#{entry.position}", text, fetched_at)
