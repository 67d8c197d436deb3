"""The monthly partitions of `ops.fetch` and `ops.expectation_result` are made and dropped."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult
from silkwire.warehouse.schema.partitions import create_partitions, drop_old_partitions
from silkwire.warehouse.tables.fetches import describe_documents, replace_fetches

MAY = datetime(2026, 5, 31, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2025, 12, 9, tzinfo=UTC)


def list_partitions(conn: Connection) -> list[str]:
    names = conn.execute(
        text("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent ="
             " ANY(ARRAY['ops.fetch'::regclass, 'ops.expectation_result'::regclass]) ORDER BY 1")
    )  # fmt: skip
    return list(names.scalars())


def make_result(feed_key: int, at: datetime) -> FetchResult:
    url = "https://one.example/feed"
    return FetchResult(feed_key, url, url, at, FetchOutcome.NEW, 12, http_status=200)


def test_month_and_the_one_after_are_made_once(warehouse: Engine) -> None:
    with warehouse.begin() as conn:
        create_partitions(conn, [DECEMBER, DECEMBER])
        create_partitions(conn, [DECEMBER])
        assert list_partitions(conn) == [
            "ops.expectation_result_2025_12",
            "ops.expectation_result_2026_01",
            "ops.fetch_2025_12",
            "ops.fetch_2026_01",
        ]


def test_fetches_of_any_time_find_their_month(warehouse: Engine) -> None:
    with warehouse.begin() as conn:
        replace_fetches(conn, "b", [make_result(1, MAY), make_result(2, DECEMBER)], {})
        replace_fetches(conn, "b", [make_result(1, MAY)], {"dag_id": "d", "map_index": 3})
        rows = conn.execute(
            text("SELECT tableoid::regclass::text, feed_key, dag_id, map_index FROM ops.fetch"
                 " ORDER BY 1")
        )  # fmt: skip
        assert [tuple(row) for row in rows] == [
            ("ops.fetch_2025_12", 2, None, None),
            ("ops.fetch_2026_05", 1, "d", 3),
        ]


def test_document_that_is_no_feed_turns_its_fetch_into_a_failed_one(warehouse: Engine) -> None:
    found = [
        DocumentReport(
            key, MAY, None, None, None if key == 1 else "atom10", "utf-8", "bom", 0, 0,
            ErrorClass.HTML if key == 1 else None, "a web page" if key == 1 else None,
            None, None, None, False, False,
        )
        for key in (1, 2)
    ]  # fmt: skip
    with warehouse.begin() as conn:
        replace_fetches(conn, "b", [make_result(1, MAY), make_result(2, MAY)], {})
        describe_documents(conn, "b", found)
        rows = conn.execute(
            text("SELECT outcome, error_class, error, feed_format FROM ops.fetch ORDER BY feed_key")
        )
        assert [tuple(row) for row in rows] == [
            ("failed", "html", "a web page", None),
            ("new", None, None, "atom10"),
        ]


def test_old_months_are_dropped_whole(warehouse: Engine) -> None:
    with warehouse.begin() as conn:
        create_partitions(conn, [DECEMBER, MAY])
        dropped = drop_old_partitions(conn, keep_months=4, now=MAY)
        assert dropped == ("expectation_result_2025_12", "fetch_2025_12")
        assert drop_old_partitions(conn, keep_months=4, now=MAY) == ()
        assert "ops.fetch_2026_01" in list_partitions(conn)


def test_row_without_its_month_is_refused_not_lost(warehouse: Engine) -> None:
    with warehouse.begin() as conn, pytest.raises(DBAPIError, match="no partition of relation"):
        conn.execute(
            text("INSERT INTO ops.expectation_result VALUES"
                 " ('b', 's', 1, 'e', NULL, true, 1, 0, 0, '1999-01-01')")
        )  # fmt: skip
