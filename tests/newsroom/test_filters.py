"""Filters as they stand in the address of a page."""

from dataclasses import fields
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.newsroom.filters import Cursor, FilterError, Filters, parse_filters

CURSOR = Cursor(datetime(2026, 11, 23, 9, 30, 1, 250000, tzinfo=UTC), 42)


def test_an_address_without_filters_asks_for_everything() -> None:
    assert parse_filters({}) == Filters()
    assert parse_filters({"topic": "", "day": " ", "utm_source": "mail"}) == Filters()
    assert Filters().to_query() == ""
    assert not Filters(before=CURSOR).is_narrowed


def test_filters_are_written_as_they_are_read() -> None:
    filters = Filters(
        "ai", "outbound", "新华社 & co", "zh", date(2026, 11, 23), "run-1", "once", CURSOR
    )
    assert filters.to_query() == (
        "?topic=ai&scope=outbound&outlet=%E6%96%B0%E5%8D%8E%E7%A4%BE+%26+co&language=zh"
        "&day=2026-11-23&batch=run-1&copies=once&before=20261123T093001.250000Z-42"
    )
    assert filters.to_query(before=None, topic=None, outlet=None, scope=None) == (
        "?language=zh&day=2026-11-23&batch=run-1&copies=once"
    )


def test_a_day_is_a_day_of_utc() -> None:
    filters = parse_filters({"day": "2026-11-23"})
    assert filters.day_begins == datetime(2026, 11, 23, tzinfo=UTC)
    assert filters.day_ends == datetime(2026, 11, 24, tzinfo=UTC)


@pytest.mark.parametrize("day", ["today", "2026-13-01", "23.11.2026", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_is_explained(day: str) -> None:
    with pytest.raises(FilterError, match="such as 2026-11-23"):
        parse_filters({"day": day})


@pytest.mark.parametrize(
    "before",
    [
        "x",
        "20261123T093001.25Z",
        "20261123T093001.25Z-x",
        "20261123T093001.25Z--1",
        "20261123T093001.25Z-" + "9" * 4_301,
    ],
)
def test_a_page_that_is_none_is_explained(before: str) -> None:
    with pytest.raises(FilterError, match="go on from"):
        parse_filters({"before": before})


def test_another_word_about_copies_is_explained() -> None:
    assert parse_filters({"copies": "once"}).copies == "once"
    with pytest.raises(FilterError, match="copies=once"):
        parse_filters({"copies": "twice"})


def test_what_no_database_takes_is_refused() -> None:
    for value in ("a\0", "x" * 201):
        with pytest.raises(FilterError, match="The outlet is not one"):
            parse_filters({"outlet": value})


@given(st.dictionaries(st.sampled_from([field.name for field in fields(Filters)]), st.text()))
def test_any_address_is_read_or_explained(query: dict[str, str]) -> None:
    try:
        filters = parse_filters(query)
    except FilterError:
        return
    written = dict(parse_qsl(filters.to_query().removeprefix("?")))
    assert parse_filters(written) == filters
