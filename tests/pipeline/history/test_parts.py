"""The archive's history in parts: pure."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.pipeline.history.parts import Part, split_history

START = datetime(2026, 3, 1, tzinfo=UTC)


def hours(*numbers: int) -> list[datetime]:
    return [START + timedelta(hours=number) for number in numbers]


def test_a_short_history_is_one_part() -> None:
    assert split_history(hours(0, 1, 2)) == (Part(None, None),)
    assert split_history([]) == (Part(None, None),)


def test_a_long_one_is_parts_that_follow_one_another() -> None:
    two, four = hours(2, 4)
    assert split_history(hours(0, 1, 2, 3, 4), max_parts=3, min_events=2) == (
        Part(None, two),
        Part(two, four),
        Part(four, None),
    )


def test_a_part_may_begin_with_the_second_event() -> None:
    (one,) = hours(1)
    parts = split_history(hours(0, 1), max_parts=9, min_events=1)
    assert parts == (Part(None, one), Part(one, None))


def test_a_part_has_fifty_events_at_least_and_there_are_two_dozen_parts_at_most() -> None:
    assert len(split_history(hours(*range(50)))) == 1
    assert len(split_history(hours(*range(51)))) == 2
    assert len(split_history(hours(*range(10_000)))) == 24


@pytest.mark.usefixtures("in_shanghai")
def test_a_part_is_named_by_its_time_in_utc_wherever_the_machine_stands() -> None:
    assert Part().name == "all"
    assert Part(START, None).name == "from 2026-03-01 00:00"
    assert Part(None, START).name == "until 2026-03-01 00:00"
    assert Part(START, *hours(25)).name == "from 2026-03-01 00:00 until 2026-03-02 01:00"


def test_what_happened_at_one_instant_is_not_parted() -> None:
    (one,) = hours(1)
    parts = split_history(hours(0, 0, 0, 1, 1, 1), max_parts=3, min_events=2)
    assert parts == (Part(None, one), Part(one, None))


@given(st.lists(st.integers(0, 30)), st.integers(1, 9), st.integers(1, 5))
def test_every_event_is_in_one_part_and_there_are_not_too_many(
    numbers: list[int], max_parts: int, min_events: int
) -> None:
    times = hours(*sorted(numbers))
    parts = split_history(times, max_parts=max_parts, min_events=min_events)
    assert len(parts) <= max_parts
    for at in times:
        assert sum(not p.begins_after(at) and not p.ends_before(at) for p in parts) == 1
