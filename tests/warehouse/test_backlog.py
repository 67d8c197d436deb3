"""What was out before a feed was first read is backlog: marked, and left out of figures by day."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpers.newsstand import Item, Newsstand, ask, open_newsstand
from silkwire.config import Settings
from silkwire.warehouse.queries import find_query, run_query

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def stand(warehouse_settings: Settings, tmp_path: Path):
    with open_newsstand(warehouse_settings, tmp_path) as newsstand:
        yield newsstand


def news(path: str, published: datetime | None = None) -> Item:
    written = "" if published is None else f"{published:%a, %d %b %Y %H:%M:%S} GMT"
    return (f"OpenAI and {path}", path, "", written)


def list_backlog(engine: Engine) -> list[tuple[object, ...]]:
    return ask(
        engine,
        "SELECT substr(title, 12), is_backlog FROM mart.articles ORDER BY article_key",
    )


def answer(engine: Engine, name: str, until: datetime, **given: str) -> list[dict[str, object]]:
    with engine.connect() as conn:
        result = run_query(conn, find_query(name), {"until": until.isoformat(), **given})
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def test_the_first_document_of_a_feed_is_backlog_dated_or_not(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.show("Post", news("old", NOON - 99 * DAY), news("undated"), news("early", NOON + DAY))
    stand.read(NOON)
    assert list_backlog(warehouse) == [("old", True), ("undated", True), ("early", True)]


def test_later_documents_bring_news_unless_it_was_out_before_the_first(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.show("Post")
    stand.read(NOON)
    stand.show("Post", news("new", NOON + HOUR), news("undated"), news("old", NOON - HOUR))
    stand.read(NOON + DAY)
    assert list_backlog(warehouse) == [("new", False), ("undated", False), ("old", True)]


def test_the_feed_that_had_it_first_decides(stand: Newsstand, warehouse: Engine) -> None:
    stand.show("Post")
    stand.read(NOON)
    stand.show("Post", news("1", NOON + HOUR))
    stand.read(NOON + 2 * HOUR)
    stand.show("Wire", news("1", NOON + HOUR), news("2", NOON + HOUR))
    stand.read(NOON + DAY)
    assert list_backlog(warehouse) == [("1", False), ("2", True)]


def test_a_feed_that_failed_at_first_is_new_when_it_is_first_read(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.server.documents["Post"] = b"<html><body>soon</body></html>"
    stand.read(NOON)
    stand.show("Post", news("1", NOON + HOUR))
    stand.read(NOON + DAY)
    assert list_backlog(warehouse) == [("1", True)]


def test_a_first_document_that_is_released_late_makes_what_followed_news(
    stand: Newsstand, warehouse: Engine
) -> None:
    bad = [("", f"bad{n}", "ChatGPT and AI") for n in range(9)]
    stand.show("Post", news("1"), *bad)
    held = stand.read(NOON)
    assert held.verdict == "held"
    stand.show("Post", news("1"), news("2"))
    stand.read(NOON + DAY)
    assert list_backlog(warehouse) == [("1", True), ("2", True)]
    stand.release(NOON + 2 * DAY, held.batch_id)
    assert list_backlog(warehouse) == [("1", True), ("2", False)]


@pytest.mark.parametrize(
    ("published", "precision", "is_backlog"),
    [
        (NOON, "second", False),
        (NOON - timedelta(seconds=1), "second", True),
        (NOON - timedelta(hours=12), "day", False),
        (NOON - timedelta(hours=36), "day", False),
        (NOON - timedelta(hours=60), "day", True),
        (None, None, False),
    ],
)
def test_a_date_counts_if_it_is_surely_before_the_first_document(
    warehouse: Engine, published: datetime | None, precision: str | None, is_backlog: bool
) -> None:
    values = {"seen": NOON + DAY, "at": published, "precision": precision, "first": NOON}
    question = (
        "SELECT mart.is_backlog(:seen, CAST(:at AS timestamptz), CAST(:precision AS text), :first)"
    )
    assert ask(warehouse, question, values) == [(is_backlog,)]


def read_two_days(stand: Newsstand) -> None:
    """Post is read on two days, Wire from the second on."""
    stand.show("Post", news("1", NOON - 9 * DAY))
    stand.read(NOON, "Post")
    stand.show("Post", news("2", NOON + DAY - HOUR))
    stand.show("Wire", news("3", NOON - 2000 * DAY), news("4", NOON + DAY - 5 * HOUR))
    stand.read(NOON + DAY, "Post", "Wire")


def test_figures_by_day_leave_backlog_out_and_count_it_apart(
    stand: Newsstand, warehouse: Engine
) -> None:
    read_two_days(stand)
    by_topic = ask(
        warehouse,
        "SELECT day, article_count, outlet_count, backlog_count FROM mart.topic_daily ORDER BY 1",
    )
    assert by_topic == [(date(2026, 3, 1), 0, 0, 1), (date(2026, 3, 2), 1, 1, 2)]
    assert ask(
        warehouse,
        "SELECT outlet, article_count, ai_count, backlog_count FROM mart.outlet_daily"
        " WHERE day = '2026-03-02' ORDER BY 1",
    ) == [("Post", 1, 1, 0), ("Wire", 0, 0, 2)]
    assert ask(warehouse, "SELECT last_article_at FROM mart.freshness") == [(NOON + DAY,)]


def test_delays_and_norms_leave_backlog_out(stand: Newsstand, warehouse: Engine) -> None:
    read_two_days(stand)
    until = NOON + DAY + HOUR
    lags = answer(warehouse, "outlet_lag", until, least="1")
    assert [(row["outlet"], row["worst_minutes"]) for row in lags] == [("Post", Decimal("60.0"))]
    assert answer(warehouse, "late_arrivals", until, hours="1") == answer(
        warehouse, "late_arrivals", until, hours="1", days="1"
    )
    assert len(answer(warehouse, "late_arrivals", until, hours="2")) == 0
    volumes = answer(warehouse, "volume_against_norm", until, topic="ai", days="1")
    assert [(row["outlet"], row["article_count"]) for row in volumes] == [("Post", 1)]
    profiles = answer(warehouse, "outlet_profiles", until)
    assert [(row["outlet"], row["article_count"], row["backlog_count"]) for row in profiles] == [
        ("Post", 1, 1), ("Wire", 0, 2)
    ]  # fmt: skip


def test_the_mean_of_a_trend_does_not_depend_on_how_many_days_are_asked_for(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.show("Post")
    stand.read(NOON)
    for day in range(1, 11):
        stand.show("Post", *[news(f"{day}-{number}") for number in range(day)])
        stand.read(NOON + day * DAY)
    until = NOON + 10 * DAY
    means = [
        [
            (row["day"], row["mean_of_week_before"])
            for row in answer(warehouse, "topic_trend", until, days=days)
        ]
        for days in ("3", "28")
    ]
    assert means[0] == [
        (date(2026, 3, 11), Decimal("6.0")),
        (date(2026, 3, 10), Decimal("5.0")),
        (date(2026, 3, 9), Decimal("4.0")),
    ]
    assert means[1][:3] == means[0]


def test_edits_are_learned_of_however_many_articles_are_new(
    stand: Newsstand, warehouse: Engine
) -> None:
    stand.show("Post", news("1"))
    stand.read(NOON)
    stand.show("Post", ("OpenAI or 1", "1"), news("2"), news("3"), news("4"))
    stand.show("Wire", news("5"), news("6"))
    stand.read(NOON + DAY, "Wire", "Post")
    learned = answer(warehouse, "learned_since", NOON + DAY, hours="3", limit="3")
    assert [(row["what"], row["title"]) for row in learned] == [
        ("edited", "OpenAI or 1"),
        *[("new", f"OpenAI and {number}") for number in (2, 3, 4)],
    ]
