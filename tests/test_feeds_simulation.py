"""A simulated month: the schedule as a whole, with a clock of our own and no database."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.feeds.health import DocumentFacts, FeedHealth, FeedState
from silkwire.feeds.intervals import MAX_INTERVAL
from silkwire.feeds.schedule import decide_health
from silkwire.model import ErrorClass, FetchOutcome, FetchResult

START = datetime(2026, 3, 1, tzinfo=UTC)
TICK = timedelta(minutes=10)
MONTH = timedelta(days=30)
WINDOW = 30
"""Entries that a document holds."""


@dataclass
class Publisher:
    """A feed that publishes `per_day` entries a day, and whether it fails."""

    state: FeedState
    per_day: float
    error_class: ErrorClass | None = None
    shown: float = 0.0
    fetched: list[datetime] = field(default_factory=list)

    def answer(self, at: datetime) -> None:
        self.fetched.append(at)
        facts = None
        if self.error_class is not None:
            result = self._result(at, FetchOutcome.FAILED, error_class=self.error_class)
        else:
            days = (at - START) / timedelta(days=1)
            published = days * self.per_day + self.state.feed_key % 97 / 97
            new = int(published) - int(self.shown)
            self.shown = published
            facts = DocumentFacts(entry_count=WINDOW, new_entry_count=min(new, WINDOW))
            outcome = FetchOutcome.NEW if new else FetchOutcome.NOT_MODIFIED
            result = self._result(at, outcome)
        health = decide_health(self.state, result, facts, at).health
        self.state = replace(self.state, health=health)

    def _result(self, at: datetime, outcome: FetchOutcome, **values) -> FetchResult:
        url = self.state.feed_url
        return FetchResult(self.state.feed_key, url, url, at, outcome, fetch_ms=0, **values)


def publisher(key: int, per_day: float, **values) -> Publisher:
    health = FeedHealth(fetch_url=f"https://h{key}.example/", next_due_at=START)
    fixed = values.pop("fixed", None)
    return Publisher(FeedState(key, health.fetch_url, health, fixed), per_day, **values)


def run(publishers: list[Publisher], *, span: timedelta, tick: timedelta = TICK) -> Counter[int]:
    """Lease at each tick what `lease_due_feeds` would; return fetches by tick."""
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


@pytest.fixture(scope="module")
def month() -> tuple[list[Publisher], Counter[int]]:
    """Five hundred feeds for a month, as often as news sites publish, some of them broken."""
    chance = random.Random(1)
    feeds = [
        publisher(
            key,
            chance.choices([0.0, 0.1, 1, 5, 24, 1000], [25, 25, 30, 15, 4, 1])[0],
            error_class=chance.choice([None] * 27 + [ErrorClass.TIMEOUT, ErrorClass.GONE]),
        )
        for key in range(500)
    ]
    return feeds, run(feeds, span=MONTH)


def test_no_feed_starves(month) -> None:
    for feed in month[0]:
        gaps = [b - a for a, b in zip(feed.fetched, feed.fetched[1:], strict=False)]
        longest = 7.7 * MAX_INTERVAL if feed.error_class is ErrorClass.GONE else 1.1 * MAX_INTERVAL
        assert max(gaps) <= longest + TICK
        assert feed.fetched[-1] > START + MONTH - longest - TICK


def test_no_tick_has_more_than_its_fair_share(month) -> None:
    _, load = month
    day = int(timedelta(days=1) / TICK)
    for first in range(day, int(MONTH / TICK) - day, day):
        counts = [load[number] for number in range(first, first + day)]
        assert max(counts) < 1.6 * sum(counts) / len(counts)


def test_busy_feeds_are_read_often_and_idle_ones_once_a_day(month) -> None:
    by_rate: dict[float, list[int]] = {}
    for feed in month[0]:
        if feed.error_class is None:
            by_rate.setdefault(feed.per_day, []).append(len(feed.fetched))
    means = {rate: sum(counts) / len(counts) / 30 for rate, counts in sorted(by_rate.items())}
    assert means[1000] > 130
    assert 24 < means[24] < 144
    assert 1 < means[0] < 3
    assert list(means.values()) == sorted(means.values())


def test_hardly_an_entry_of_a_busy_feed_scrolls_out_unseen(month) -> None:
    for feed in month[0]:
        if feed.error_class is None and feed.per_day == 1000:
            late = [b - a for a, b in zip(feed.fetched[20:], feed.fetched[21:], strict=False)]
            assert max(late) <= 2 * TICK  # 30 entries take 43 minutes


@pytest.mark.parametrize("delay_min", [0, 3, 6, 9])
def test_a_ten_minute_feed_is_read_at_each_tick_however_slow_its_batches(delay_min: int) -> None:
    feed = publisher(1, 5, fixed=timedelta(minutes=10)).state
    count, ticks = 0, 1000
    for number in range(ticks):
        now = START + number * TICK
        due = feed.health.next_due_at
        assert due is not None
        if due < now + TICK / 2:
            count += 1
            at = now + timedelta(minutes=delay_min)
            result = FetchResult(1, "u", "u", at, FetchOutcome.NOT_MODIFIED, fetch_ms=0)
            feed = replace(feed, health=decide_health(feed, result, None, at).health)
    assert count >= 0.97 * ticks


def test_a_feed_that_comes_back_is_healthy_at_its_next_probe() -> None:
    feed = publisher(1, 24, error_class=ErrorClass.GONE)
    run([feed], span=MONTH)
    assert feed.state.health.state == "gone"
    feed.error_class = None
    feed.answer(START + MONTH)
    assert feed.state.health.state == "healthy"


outcomes = st.one_of(
    st.builds(lambda c: (FetchOutcome.FAILED, c), st.sampled_from(ErrorClass)),
    st.builds(lambda o: (o, None), st.sampled_from(["new", "not_modified", "unchanged_body"])),
)
hints = st.none() | st.integers(-(2**70), 2**70)


@given(st.lists(st.tuples(outcomes, hints, hints, hints, st.integers(0, 50)), max_size=12))
def test_whatever_a_server_does_the_next_fetch_is_minutes_to_days_away(answers) -> None:
    state, now = publisher(1, 0).state, START
    for (outcome, error_class), max_age, retry_after, ttl, new in answers:
        result = FetchResult(
            1,
            state.feed_url,
            state.feed_url,
            now,
            FetchOutcome(outcome),
            fetch_ms=1,
            error_class=error_class,
            max_age_s=max_age,
            retry_after_s=retry_after,
        )
        facts = DocumentFacts(entry_count=50, new_entry_count=new, ttl_s=ttl)
        update = decide_health(state, result, facts, now)
        due = update.health.next_due_at
        assert due is not None
        assert timedelta(minutes=4) <= due - now <= timedelta(days=7.7)
        state, now = replace(state, health=update.health), due
