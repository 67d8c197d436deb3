"""How long to wait: hours that a feed asks to be left alone, slots, and chance from names."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from helpers.feedstates import DAY, HOUR, MINUTE
from silkwire.feeds.schedule.intervals import (
    EARLY,
    Severity,
    back_off,
    bound_hint,
    bound_interval,
    find_slot,
    learn_interval,
    leave_alone,
    spread,
)
from silkwire.feeds.schedule.jitter import fraction_of

SUNDAY = datetime(2026, 3, 1, tzinfo=UTC)
NAME = "https://a.example/rss"


def at(hour: int, minute: int = 0, second: int = 0, microsecond: int = 0) -> datetime:
    return SUNDAY.replace(hour=hour, minute=minute, second=second, microsecond=microsecond)


def wait_until(
    due: datetime, *hours: int, days: tuple[int, ...] = (), latest: datetime = SUNDAY + DAY
) -> datetime:
    return leave_alone(due, hours, days, latest=latest, name=NAME)


def in_hour(hour: int) -> datetime:
    """The time within this hour at which the feed is asked."""
    return at(hour) + EARLY + fraction_of(NAME) * (HOUR - EARLY)


# --- hours to skip


@pytest.mark.parametrize(
    ("due", "skipped", "expected"),
    [
        (at(12, 30), (), at(12, 30)),
        (at(12, 30), (11, 13), at(12, 30)),
        (at(12, 58), (13,), at(12, 58)),
        (at(12, 5), (11,), at(12, 5)),
        (at(12, 4, 59), (11,), in_hour(12)),  # it would be leased at 11:59
        (at(12, 3), (12,), in_hour(13)),
        (at(12, 30), (12,), in_hour(13)),
        (at(12, 30, 30, 500), (12, 13, 14), in_hour(15)),
    ],
)
def test_a_feed_is_leased_and_asked_in_hours_that_it_does_not_skip(
    due: datetime, skipped: tuple[int, ...], expected: datetime
) -> None:
    assert wait_until(due, *skipped) == expected


def test_a_day_to_skip_ends_at_midnight() -> None:
    due = SUNDAY + 23 * HOUR
    assert wait_until(due, days=(7,), latest=due + DAY) == in_hour(0) + DAY
    assert wait_until(SUNDAY + 2 * MINUTE, days=(6,)) == in_hour(0)


def test_nothing_is_put_off_beyond_the_latest_time() -> None:
    latest = at(13, 5)
    assert wait_until(at(12, 30), 12, latest=latest) == latest
    assert wait_until(at(12, 30), *range(24), latest=latest) == latest
    assert wait_until(at(12, 30), *range(24), latest=at(11)) == at(12, 30)


@pytest.mark.usefixtures("in_shanghai")
def test_hours_to_skip_are_utc_wherever_the_machine_stands() -> None:
    due = at(12, 30).astimezone(timezone(timedelta(hours=8)))
    assert wait_until(due, 20) == due
    assert wait_until(due, 12) == in_hour(13)


# --- bounds


@pytest.mark.parametrize(
    ("entry_count", "new_entry_count", "factor"),
    [(30, 0, 1.1), (30, 1, 0.7), (31, 15, 0.7), (30, 15, 0.4), (0, 3, 0.4), (2, 1, 0.4)],
)
def test_the_share_of_new_entries_decides_how_much_shorter_an_interval_gets(
    entry_count: int, new_entry_count: int, factor: float
) -> None:
    assert learn_interval(2 * HOUR, entry_count, new_entry_count) == 2 * HOUR * factor


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (None, timedelta(0)),
        (0, timedelta(0)),
        (-1, timedelta(0)),
        (1, 10 * MINUTE),
        (601, timedelta(seconds=601)),
        (86_401, DAY),
        (10**30, DAY),
    ],
)
def test_what_a_publisher_asks_for_is_taken_within_ten_minutes_and_a_day(
    seconds: int | None, expected: timedelta
) -> None:
    assert bound_hint(seconds) == expected


def test_an_interval_is_ten_minutes_at_least_and_a_day_at_most() -> None:
    assert [bound_interval(interval) for interval in (MINUTE, HOUR, 2 * DAY)] == [
        10 * MINUTE,
        HOUR,
        DAY,
    ]


@pytest.mark.parametrize(
    ("severity", "waits"),
    [
        (Severity.SOFT, [10 * MINUTE, 10 * MINUTE, 20 * MINUTE, 40 * MINUTE, 12 * HOUR]),
        (Severity.HARD, [HOUR, HOUR, 2 * HOUR, 4 * HOUR, DAY]),
        (Severity.GONE, [DAY, DAY, 2 * DAY, 4 * DAY, 7 * DAY]),
    ],
)
def test_waits_double_with_each_failure_in_a_row(
    severity: Severity, waits: list[timedelta]
) -> None:
    assert [back_off(severity, count) for count in (0, 1, 2, 3, 99)] == waits


# --- slots


def find_phase(name: str, when: datetime, wait: timedelta) -> float:
    return (when.timestamp() / wait.total_seconds() - fraction_of(name)) % 1.0


def test_a_slot_within_reach_is_met_and_one_out_of_reach_is_stepped_towards() -> None:
    waits = []
    for number in range(400):
        name = f"{NAME}{number}"
        phase = find_phase(name, SUNDAY + HOUR, HOUR)
        wait = find_slot(SUNDAY, HOUR, name, earliest=0.9) - SUNDAY
        if phase <= 0.1:
            assert abs(wait - HOUR * (1 - phase)) < timedelta(milliseconds=1)
        elif phase >= 0.9:
            assert abs(wait - HOUR * (2 - phase)) < timedelta(milliseconds=1)
        else:
            assert wait == HOUR * (1.1 if phase > 0.5 else 0.9)
        waits.append(wait)
    assert min(waits) == 0.9 * HOUR
    assert max(waits) == 1.1 * HOUR


def test_without_an_earliest_time_every_slot_that_lies_before_is_met() -> None:
    for number in range(100):
        name = f"{NAME}{number}"
        met = find_slot(SUNDAY, HOUR, name, earliest=0.1)
        phase = find_phase(name, SUNDAY + HOUR, HOUR)
        if phase <= 0.9:
            assert abs(met - SUNDAY - HOUR * (1 - phase)) < timedelta(milliseconds=1)


def test_feeds_step_into_their_slots_within_weeks_and_stay() -> None:
    for number in range(40):
        name, when = f"{NAME}{number}", SUNDAY
        for _ in range(12):
            when = find_slot(when, DAY, name, earliest=0.9)
        phase = find_phase(name, when, DAY)
        assert min(phase, 1 - phase) < 1e-6


# --- chance from names


def test_what_is_spread_is_the_same_for_the_same_names_and_between_its_bounds() -> None:
    waits = [spread(HOUR, NAME, str(number)) for number in range(400)]
    assert spread(HOUR, NAME, "7") == waits[7]
    assert 0.9 * HOUR <= min(waits) < 0.91 * HOUR
    assert 1.09 * HOUR < max(waits) < 1.1 * HOUR
    late = [spread(HOUR, NAME, str(number), low=1.0) for number in range(400)]
    assert HOUR <= min(late) < 1.01 * HOUR
    assert 1.09 * HOUR < max(late) < 1.1 * HOUR


def test_a_fraction_is_that_of_all_names_in_their_order() -> None:
    assert fraction_of("a", "b") == 0x7E18F737311B / 2**48  # of SHA-256 of "a\nb"
    assert len({fraction_of(*names) for names in (("a", "b"), ("b", "a"), ("a",), ("b",))}) == 4
