"""Ten days of news: real texts as 66 outlets' feeds over 20 batches, with what truly happened.

The texts are those of ../shared/topics/pool.tsv.gz; when each is published, edited, copied and
shown is ours, by a seed. Half of the outlets are dedicated feeds (all is kept), and only these edit
and copy; the others show what they have. Odd feeds are among them.
"""

import csv
import gzip
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from helpers.places import SHARED

FIRST_AT = datetime(2026, 3, 1, 6, tzinfo=UTC)
STEP = timedelta(hours=12)
BATCHES = 20
LATE_BATCH = 8
"""The batch in which the late outlets are first listed."""
OUTLETS = 66
_WINDOW = 40
_ROWS = 200


@dataclass(frozen=True)
class Item:
    link: str
    outlet: str
    title: str
    summary: str
    published_at: datetime
    titles: tuple[tuple[int, str], ...] = ()
    """From which batch on the item has which later title."""
    copy_of: str | None = None

    def title_in(self, batch: int) -> str:
        return next((title for since, title in reversed(self.titles) if since <= batch), self.title)


@dataclass
class Outlet:
    name: str
    path: str
    is_dedicated: bool
    first_batch: int
    has_second_feed: bool
    items: list[list[Item]] = field(default_factory=list)
    """What is published new in each batch."""

    def shown(self, batch: int) -> tuple[Item, ...]:
        """The newest items, newest first, as its feed shows them in this batch."""
        if batch < self.first_batch:
            return ()
        so_far = [item for new in self.items[: batch + 1] for item in new]
        return tuple(sorted(so_far, key=lambda item: item.published_at, reverse=True)[:_WINDOW])


def batch_at(batch: int) -> datetime:
    return FIRST_AT + batch * STEP


def make_outlets(seed: int = 1) -> list[Outlet]:
    chance = random.Random(seed)
    rows = _read_rows()
    names = sorted(rows, key=lambda name: (-len(rows[name]), name))[:OUTLETS]
    outlets = [
        Outlet(name, f"o{n:02d}", n % 2 == 0, LATE_BATCH if n % 11 == 10 else 0, n % 6 == 0)
        for n, name in enumerate(names)
    ]
    for outlet in outlets:
        outlet.items = list(_publish(outlet, rows[outlet.name][:_ROWS], chance))
    _copy([outlet for outlet in outlets if outlet.is_dedicated], chance)
    return outlets


def write_feed(outlet: Outlet, batch: int, *, second: bool = False) -> bytes:
    """RSS; the second feed shows every third item, and edits one batch later."""
    items = [
        (item, item.title_in(batch - second))
        for item in outlet.shown(batch)
        if not second or is_in_second(item)
    ]
    return _rss(outlet.name, items)


def is_in_second(item: Item) -> bool:
    return int(item.link.rpartition("-")[2]) % 3 == 0


def _read_rows() -> dict[str, list[tuple[str, str]]]:
    rows: dict[str, list[tuple[str, str]]] = defaultdict(list)
    with gzip.open(SHARED / "topics" / "pool.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        titles = set()
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if row["title"].strip() and row["title"] not in titles:
                titles.add(row["title"])
                rows[row["outlet"]].append((row["title"].strip(), row["summary"].strip()))
    return rows


def _publish(
    outlet: Outlet, rows: list[tuple[str, str]], chance: random.Random
) -> Iterator[list[Item]]:
    backlog = len(rows) // 5
    share = (len(rows) - backlog) / (BATCHES - 1)
    numbered = list(enumerate(rows))
    taken = 0
    for batch in range(BATCHES):
        until = backlog + round(share * batch)
        day = timedelta(days=40) if batch == 0 else STEP
        new = []
        for number, (title, summary) in numbered[taken:until]:
            published = batch_at(batch) - timedelta(
                seconds=chance.randrange(60, int(day.total_seconds()))
            )
            item = Item(
                f"https://{outlet.path}.example/news-{number}",
                outlet.name,
                title,
                summary,
                published,
            )
            is_edited = outlet.is_dedicated and chance.random() < 0.06 and batch < BATCHES - 4
            new.append(_edit(item, max(batch, outlet.first_batch), chance) if is_edited else item)
        taken = until
        yield new


def _edit(item: Item, batch: int, chance: random.Random) -> Item:
    first = batch + 1 + chance.randrange(2)
    titles = [(first, f"{item.title} – what we know")]
    if chance.random() < 0.3:  # back to the first title, or on to a third
        third = item.title if chance.random() < 0.5 else f"{item.title}: the latest"
        titles.append((first + 1, third))
    return replace(item, titles=tuple(titles))


def _copy(outlets: list[Outlet], chance: random.Random) -> None:
    """Some texts are carried by another outlet, minutes to hours later, unchanged."""
    for outlet in outlets:
        for batch in range(LATE_BATCH + 1, BATCHES - 1):
            for item in outlet.items[batch]:
                if item.titles or item.copy_of or len(item.summary) < 80 or chance.random() > 0.08:
                    continue
                other = chance.choice([one for one in outlets if one is not outlet])
                number = 3 * (1000 + len([one for new in other.items for one in new])) + 1
                published = item.published_at + timedelta(minutes=chance.randrange(5, 600))
                at = batch if published < batch_at(batch) else batch + 1
                copied = replace(
                    item,
                    link=f"https://{other.path}.example/news-{number}",
                    outlet=other.name,
                    published_at=published,
                    copy_of=item.link,
                )
                other.items[at].append(copied)


def _rss(name: str, items: list[tuple[Item, str]]) -> bytes:
    entries = "".join(
        f"<item><title>{escape(title)}</title><link>{item.link}</link>"
        f"<guid>{item.link}</guid><pubDate>{format_datetime(item.published_at)}</pubDate>"
        f"<description>{escape(item.summary)}</description></item>\n"
        for item, title in items
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><rss version='2.0'><channel>"
        f"<title>{escape(name)}</title><link>https://example.com/</link>"
        f"<description/>{entries}</channel></rss>"
    ).encode()


@dataclass(frozen=True)
class Life:
    """What an attentive reader knows of one item of a dedicated outlet."""

    item: Item
    first_batch: int
    titles: tuple[str, ...]
    """The titles that its outlet's feed showed one after the other, without repeats in a row."""
    changed_in: tuple[int, ...]
    """The batch of each change of title."""
    is_backlog: bool
    """Whether it was published before its outlet was first fetched."""
    is_in_second: bool

    @property
    def title(self) -> str:
        return self.titles[-1]


def live(outlets: list[Outlet]) -> dict[str, Life]:
    """By link, of every item of a dedicated outlet that was ever shown."""
    lives = {}
    for outlet in outlets:
        if not outlet.is_dedicated:
            continue
        shown: dict[Item, list[int]] = defaultdict(list)
        for batch in range(BATCHES):
            for item in outlet.shown(batch):
                shown[item].append(batch)
        for item, batches in shown.items():
            titles, changed = [item.title_in(batches[0])], []
            for batch in batches[1:]:
                if item.title_in(batch) != titles[-1]:
                    titles.append(item.title_in(batch))
                    changed.append(batch)
            lives[item.link] = Life(
                item,
                batches[0],
                tuple(titles),
                tuple(changed),
                item.published_at < batch_at(outlet.first_batch),
                outlet.has_second_feed and is_in_second(item),
            )
    return lives
