"""Dates: `data/parse/dates.txt` has dates as published, each with its instant or NULL."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.places import DATA
from silkwire.parse.entry.dates import parse_date

TABLE = DATA / "parse" / "dates.txt"
LINES = [
    line.rsplit("|", 1)
    for line in TABLE.read_text("utf-8").splitlines()
    if line and not line.startswith("#")
]

BEGIN, END = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01")


def test_the_table_holds_at_least_150_strings():
    assert len(LINES) >= 150
    assert len({raw for raw, _ in LINES}) == len(LINES)


@pytest.mark.parametrize(("raw", "expected"), LINES)
def test_a_date_determines_the_instant_of_the_table_or_none(raw, expected):
    date = parse_date(raw)
    instant = None if date is None else date.instant
    assert instant == (None if expected == "NULL" else datetime.fromisoformat(expected))


def test_a_date_without_seconds_is_precise_to_the_minute():
    assert parse_date("Mon, 06 Jan 2025 10:00 GMT").precision == "minute"
    assert parse_date("Mon, 06 Jan 2025 10:00:00 GMT").precision == "second"
    assert parse_date("1736157600").precision == "second"


def test_cst_determines_nothing_where_it_may_be_chinas_time():
    raw = "Mon, 06 Jan 2025 10:00:00 CST"
    assert parse_date(raw, unknown_zones=("cst",)) is None
    assert parse_date(raw).instant == datetime(2025, 1, 6, 16, tzinfo=UTC)


def test_white_space_of_any_kind_is_folded():
    assert parse_date("\n Mon,\u00a006\tJan 2025\n10:00:00 GMT ").instant.hour == 10


@given(st.datetimes(min_value=BEGIN, max_value=END))
def test_rfc_3339_and_rfc_822_round_trip(naive):
    instant = naive.replace(tzinfo=UTC)
    assert parse_date(instant.isoformat()).instant == instant
    text = instant.strftime("%a, %d %b %Y %H:%M:%S +0000")
    assert parse_date(text).instant == instant.replace(microsecond=0)


@given(st.text(max_size=200))
def test_any_text_gives_an_instant_in_utc_or_none(raw):
    date = parse_date(raw)
    assert date is None or date.instant.tzinfo is UTC


@given(st.text(alphabet="0123456789-/:.+TZ ,年月日JanMonGMT()", max_size=60))
def test_any_text_that_looks_like_a_date_gives_an_instant_in_utc_or_none(raw):
    date = parse_date(raw)
    assert date is None or date.instant.tzinfo is UTC
