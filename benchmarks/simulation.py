"""Simulate the schedule of many feeds over many days, with a simulated clock.

It needs no database and no network: publishers answer at once, and
`silkwire.feeds.schedule.decide` is pure.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from silkwire.feeds.schedule.decide import decide_health
from silkwire.feeds.schedule.health import FeedHealth, FeedState
from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult

START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(minutes=10)
MONTH = timedelta(days=30)
WINDOW = 30
"""Entries per document."""


@dataclass
class Publisher:
    """A feed that publishes `per_day` entries a day, or fails with `error_class`."""

    state: FeedState
    per_day: float
    error_class: ErrorClass | None = None
    shown: float = 0.0
    new_count: int = 0
    """Fetches that found new entries."""
    fetched: list[datetime] = field(default_factory=list)

    def answer(self, at: datetime) -> None:
        self.fetched.append(at)
        document, new = None, 0
        if self.error_class is not None:
            result = self._result(at, FetchOutcome.FAILED, error_class=self.error_class)
        else:
            days = (at - START) / timedelta(days=1)
            published = days * self.per_day + self.state.feed_key % 97 / 97
            new = int(published) - int(self.shown)
            self.shown = published
            self.new_count += new > 0
            document = DocumentReport(self.state.feed_key, at, item_count=WINDOW)
            outcome = FetchOutcome.NEW if new else FetchOutcome.NOT_MODIFIED
            result = self._result(at, outcome)
        health = decide_health(self.state, result, document, at, new_count=min(new, WINDOW)).health
        state = self.state
        self.state = FeedState(state.feed_key, state.feed_url, health, state.fixed_interval)

    def _result(self, at: datetime, outcome: FetchOutcome, **values: Any) -> FetchResult:
        url = self.state.feed_url
        return FetchResult(self.state.feed_key, url, url, at, outcome, fetch_ms=0, **values)


def build_publisher(
    key: int,
    per_day: float,
    *,
    error_class: ErrorClass | None = None,
    fixed: timedelta | None = None,
) -> Publisher:
    health = FeedHealth(fetch_url=f"https://h{key}.example/", next_due_at=START)
    return Publisher(FeedState(key, health.fetch_url, health, fixed), per_day, error_class)


def build_publishers(count: int, seed: int = 1) -> list[Publisher]:
    """Feeds that publish as often as news sites do; about one in fifteen fails."""
    chance = random.Random(seed)
    return [
        build_publisher(
            key,
            chance.choices([0.0, 0.1, 1, 5, 24, 1000], [25, 25, 30, 15, 4, 1])[0],
            error_class=chance.choice([None] * 27 + [ErrorClass.TIMEOUT, ErrorClass.GONE]),
        )
        for key in range(count)
    ]


def measure_yield(publishers: list[Publisher]) -> float:
    """The share of fetches that found new entries, over feeds with 1 to 24 entries a day.

    Slower feeds are fetched once a day anyway, faster ones every ten minutes at most.
    """
    feeds = [feed for feed in publishers if feed.error_class is None and 1 <= feed.per_day <= 24]
    return sum(feed.new_count for feed in feeds) / sum(len(feed.fetched) for feed in feeds)


def simulate(
    publishers: list[Publisher], *, span: timedelta = MONTH, tick: timedelta = TICK
) -> Counter[int]:
    """Lease at each tick the feeds that `lease_due_feeds` would lease; return fetches per tick."""
    buckets: dict[int, list[Publisher]] = {0: list(publishers)}
    load: Counter[int] = Counter()
    for number in range(int(span / tick)):
        now = START + number * tick
        for feed in buckets.pop(number, ()):
            load[number] += 1
            feed.answer(now)
            due = feed.state.health.next_due_at
            assert due is not None
            # the first tick for which due < now + tick / 2
            wait = (due - START - tick / 2) // tick + 1
            buckets.setdefault(max(number + 1, wait), []).append(feed)
    return load
