"""Pairs of texts that a person read and labelled as one text or two, and how well we tell them.

`tests/data/syndication_pairs.tsv` names texts of `../shared` without quoting them: `pool:` or
`dev:` and the row of `topics/pool.tsv.gz` or `topics/dev.tsv`, `corpus:` or `series:` and the
document with the entry's position.
"""

import csv
import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from silkwire.model import ParseJob
from silkwire.parse import parse_document
from silkwire.syndication.sketch import list_bands
from silkwire.syndication.text import ArticleText, TokenizedText, tokenize
from silkwire.syndication.verify import compare_texts

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
LABELS = ROOT / "tests" / "data" / "syndication_pairs.tsv"
WINDOW = timedelta(days=14)
NEAR_MISSES = frozenset({"event", "follow_up", "numbers"})
"""Two texts about one thing: the same event in other words, follow-ups, changed numbers."""
UNKNOWN = datetime(2000, 1, 1, tzinfo=UTC)
ITEMS = {"pool": "pool.tsv.gz", "dev": "dev.tsv"}


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two texts, whether they are one, what kind of pair they are, and what they are used for."""

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


@dataclass(frozen=True, slots=True)
class Item:
    """A text of `../shared`, and when a warehouse would first have seen it."""

    name: str
    text: ArticleText
    seen_at: datetime
    """Of an item by itself when it was published; of a document's entries when that was fetched."""


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
    shelves = {_name_shelf(row[side]) for row in rows for side in ("left", "right")}
    items = {item.name: item for shelf in sorted(shelves) for item in _read_shelf(shelf)}
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
    """What each of some outlets published, by the bands of its texts."""

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
def is_told_copy(pair: LabelledPair) -> bool:
    """Whether the two are told to be one text."""
    return compare_texts(pair.left, pair.right, pair.siblings).is_copy


@cache
def is_linked(pair: LabelledPair) -> bool:
    """Whether a warehouse would link the two: only what shares a band is compared at all."""
    left, right = list_bands([pair.left, pair.right])
    return is_told_copy(pair) and not set(left).isdisjoint(right)


def score_pairs(
    pairs: Iterable[LabelledPair], is_told: Callable[[LabelledPair], bool] = is_told_copy
) -> Score:
    """How well they are told by `is_told`."""
    told = Counter((is_told(pair), pair.is_copy) for pair in pairs)
    return Score(told[True, True], told[True, False], told[False, True], told[False, False])


def score_even(
    pairs: Collection[LabelledPair], is_told: Callable[[LabelledPair], bool] = is_told_copy
) -> float:
    """F1 of as many near misses (`NEAR_MISSES`) as copies, whatever their share in `pairs`."""
    copies = [is_told(pair) for pair in pairs if pair.is_copy]
    misses = [is_told(pair) for pair in pairs if pair.kind in NEAR_MISSES]
    recall, wrong = sum(copies) / len(copies), sum(misses) / len(misses)
    return 2 * recall / (recall + wrong + 1)


def _name_shelf(reference: str) -> str:
    """All of an outlet's documents, or a file of items."""
    source, _, rest = reference.partition(":")
    return source if source in ITEMS else f"{source}:{_name_outlet(source, rest.partition('#')[0])}"


def _name_outlet(source: str, document: str) -> str:
    if source == "corpus":
        return re.sub(r"-\d+\.\w+$", "", document)
    return Path(document).parts[0]


def _read_shelf(shelf: str) -> Iterator[Item]:
    source, _, outlet = shelf.partition(":")
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
    # Nobody knows when a document of the corpus was fetched: an outlet's are taken as one.
    fetched_at = datetime.fromisoformat(path.stem) if source == "series" else UNKNOWN
    for entry in parse_document(ParseJob(0, path.read_bytes())).entries:
        lead = entry.summary or (entry.body if source == "series" else None)
        text = ArticleText(entry.title, lead, outlet, entry.published_at)
        yield Item(f"{source}:{document}#{entry.position}", text, fetched_at)
