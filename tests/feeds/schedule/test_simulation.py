"""A simulated month: the schedule as a whole, with a clock of our own and no database."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simulation import (
    MONTH,
    START,
    TICK,
    Publisher,
    build_publisher,
    build_publishers,
    measure_yield,
    simulate,
)

from silkwire.feeds.schedule.decide import decide_health
from silkwire.feeds.schedule.intervals import MAX_INTERVAL
from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult


@pytest.fixture(scope="module")
def month() -> tuple[list[Publisher], Counter[int]]:
    feeds = build_publishers(500)
    return feeds, simulate(feeds)


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


def test_about_one_fetch_in_five_brings_something(month) -> None:
    assert 0.17 < measure_yield(month[0]) < 0.25


def test_hardly_an_entry_of_a_busy_feed_scrolls_out_unseen(month) -> None:
    for feed in month[0]:
        if feed.error_class is None and feed.per_day == 1000:
            late = [b - a for a, b in zip(feed.fetched[20:], feed.fetched[21:], strict=False)]
            assert max(late) <= 2 * TICK  # 30 entries take 43 minutes


@pytest.mark.parametrize("delay_min", [0, 3, 6, 9])
def test_a_ten_minute_feed_is_read_at_each_tick_however_slow_its_batches(delay_min: int) -> None:
    feed = build_publisher(1, 5, fixed=timedelta(minutes=10)).state
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
    feed = build_publisher(1, 24, error_class=ErrorClass.GONE)
    simulate([feed])
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
    state, now = build_publisher(1, 0).state, START
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
        document = DocumentReport(1, now, item_count=50, ttl_s=ttl)
        update = decide_health(state, result, document, now, new_count=new)
        due = update.health.next_due_at
        assert due is not None
        assert timedelta(minutes=4) <= due - now <= timedelta(days=7.7)
        state, now = replace(state, health=update.health), due
