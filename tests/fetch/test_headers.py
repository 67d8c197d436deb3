"""Request headers, and what response headers mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.fetch.headers import (
    build_request_headers,
    clean_header,
    parse_max_age,
    parse_retry_after,
)
from silkwire.fetch.urls import parse_target
from silkwire.model import PlannedFeed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
TARGET = parse_target("http://a.example/")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public, max-age=600"}, 600),
        ({"Cache-Control": 'MAX-AGE="60"'}, 60),
        ({"Cache-Control": "max-age=99999999999999"}, 31_536_000),
        ({"Cache-Control": "s-maxage=600"}, None),
        ({"Cache-Control": "no-cache, max-age=600"}, None),
        ({"Cache-Control": "max-age=60", "Expires": "Mon, 23 Nov 2026 11:00:00 GMT"}, 60),
        ({"Expires": "Mon, 23 Nov 2026 11:00:00 GMT"}, 3600),
        ({"Expires": "Mon, 23 Nov 2026 11:00:00 GMT", "Date": "Mon, 23 Nov 2026 10:59:00 GMT"}, 60),
        ({"Expires": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0),
        ({"Expires": "0"}, None),
        ({"Expires": "-1"}, None),
    ],
)
def test_freshness_is_max_age_or_else_expires(headers, seconds):
    assert parse_max_age(headers, NOW) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_is_nothing_or_at_most_a_day(value):
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds <= 86_400


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_freshness_is_nothing_or_at_most_a_year(control, expires):
    seconds = parse_max_age({"Cache-Control": control, "Expires": expires}, NOW)
    assert seconds is None or 0 <= seconds <= 31_536_000


@pytest.mark.parametrize("value", ["a\r\nX: y", "\0", "\ud800", "é", "x" * 3000, ""])
def test_validator_that_is_no_header_is_neither_kept_nor_sent(value):
    feed = PlannedFeed(1, "http://a.example/", "http://a.example/", etag=value, last_modified=value)
    headers = build_request_headers(TARGET, feed, contact="x", credentials=None)
    assert clean_header(value) is None
    assert {"If-None-Match", "If-Modified-Since"}.isdisjoint(headers)
