"""Every question of sql/queries on the rows of tests/data/newsdesk.sql, with its exact answer.

`docs/queries.md` shows the same answers as a terminal would; WRITE_DOCS=1 writes that page.
"""

import io
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from rich.console import Console
from sqlalchemy import Connection, Engine

from helpers.places import ROOT
from silkwire.cli.output.bars import add_bars
from silkwire.cli.output.tables import draw_answer
from silkwire.errors import ConfigError
from silkwire.warehouse.queries import Query, QueryResult, find_query, read_queries, run_query
from silkwire.warehouse.schema.partitions import create_partitions

NOON = "2026-03-10T12:00Z"
POST, WIRE, ASIA = "The Post", "Wire", "Asia Daily"
ADVICE, CHIPS = "China advises AI staff to stay home", "New chips for AI"
TRIPS = "China tells AI scientists to avoid trips to the U.S."
TOURS = "Visa-free tours to China grow"
BOTH = ["ai", "china_travel"]


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC)


def share(value: str) -> Decimal:
    return Decimal(value)


def load(engine: Engine) -> None:
    with engine.begin() as connection:
        create_partitions(connection, [datetime(2026, 2, 1, tzinfo=UTC)])
        connection.exec_driver_sql(
            (ROOT / "tests/data/newsdesk.sql").read_text("utf-8"),
            execution_options={"no_parameters": True},
        )


@pytest.fixture(scope="module")
def loaded(shared_warehouse: Engine) -> Engine:
    load(shared_warehouse)
    return shared_warehouse


@pytest.fixture
def sample(loaded: Engine) -> Iterator[Connection]:
    """For tests that only read."""
    with loaded.connect() as connection:
        yield connection


@pytest.fixture
def own_sample(warehouse: Engine) -> Iterator[Connection]:
    """For tests that add a history."""
    load(warehouse)
    with warehouse.connect() as connection:
        yield connection


def answer(connection: Connection, name: str, **given: str) -> QueryResult:
    """The answer as of noon, unless `until` is given."""
    query = find_query(name)
    if any(parameter.name == "until" for parameter in query.parameters):
        given = {"until": NOON} | given
    return run_query(connection, query, given)


def columns(result: QueryResult, *names: str) -> list[tuple[object, ...]]:
    picked = [result.columns.index(name) for name in names]
    return [tuple(row[index] for index in picked) for row in result.rows]


ANSWERS: dict[str, tuple[dict[str, str], list[str], list[tuple[object, ...]]]] = {
    "today_with_reasons": (
        {"topic": "china_travel"},
        ["first_seen_at", "outlet", "title", "reasons"],
        [
            (at(10, 8), POST, ADVICE, ["china_travel: stay home"]),
            (at(10, 7), ASIA, TRIPS, ["china_travel: trips"]),
            (at(10, 6), WIRE, TRIPS, ["china_travel: trips"]),
            (at(9, 20), ASIA, TOURS, ["china_travel: Visa-free", "china_travel: dedicated feed"]),
        ],
    ),
    "who_broke_it": (
        {"words": "ai trips"},
        ["told_at", "outlet", "minutes_behind", "published_at"],
        [
            (at(10, 5, 50), WIRE, Decimal(0), at(10, 5, 50)),
            (at(10, 7), ASIA, Decimal(70), None),
        ],
    ),
    "edited_headlines": (
        {},
        ["edited_at", "title_changes"],
        [
            (at(10, 10), "China [-warns-] {+advises+} AI staff to stay home"),
            (at(8, 11), "New chips for AI [-models-]"),
            (at(8, 10), "New chips for AI {+models+}"),
        ],
    ),
    "edited_words": (
        {},
        ["words", "removed_count", "added_count", "outlets"],
        [("models", 1, 1, [POST]), ("advises", 0, 1, [POST]), ("warns", 1, 0, [POST])],
    ),
    "most_edited": (
        {},
        ["edit_count", "title", "last_edited_at"],
        [(2, CHIPS, at(8, 11)), (1, ADVICE, at(10, 10))],
    ),
    "reverted_headlines": (
        {},
        ["reverted_at", "title", "title_between", "changed_at"],
        [(at(8, 11), CHIPS, "New chips for AI models", at(8, 10))],
    ),
    "both_topics": (
        {},
        ["title", "outlets", "feed_count", "edit_count"],
        [(ADVICE, [POST], 2, 1), (TRIPS, [ASIA, WIRE], 2, 0)],
    ),
    "who_else_carries_it": (
        {"words": "trip"},
        ["first_seen_at", "outlet", "is_origin", "reason"],
        [(at(10, 6), WIRE, True, None), (at(10, 7), ASIA, False, "same lead")],
    ),
    "wide_stories": ({}, ["feed_count", "title"], [(2, ADVICE)]),
    "find_articles": (
        {"words": "officials AI"},
        ["first_seen_at", "title"],
        [(at(10, 8), ADVICE)],
    ),
    "latest_articles": (
        {"hours": "5"},
        ["first_seen_at", "title"],
        [(at(10, 8), ADVICE)],
    ),
    "why_kept": (
        {"words": "visa"},
        ["rule", "matched_text", "weight"],
        [
            ("visa.free", "Visa-free", share("1.5")),
            ("bias", "what every text starts with", share("-2")),
            (
                "model",
                "2 words and patterns that the model learned from labelled texts",
                share("-0.4"),
            ),
            ("dedicated_feed", "the feed list dedicates this feed to the topic", None),
            ("sum", "score 0.10, kept from 0.65; the feed decided", share("-0.9")),
        ],
    ),
    "rule_matches": (
        {"rule": "travel."},
        ["first_seen_at", "outlet", "rule", "matched_text"],
        [
            (at(10, 8), POST, "travel.advice", "stay home"),
            (at(10, 8), POST, "travel.advice", "stay home"),
            (at(10, 7), ASIA, "travel.trip", "trips"),
            (at(10, 6), WIRE, "travel.trip", "trips"),
        ],
    ),
    "rules_at_work": (
        {"topic": "china_travel"},
        ["rule", "article_count", "alone_count", "commonest_words"],
        [
            ("travel.trip", 2, 2, "trips"),
            ("travel.advice", 1, 1, "stay home"),
            ("visa.free", 1, 1, "Visa-free"),
        ],
    ),
    "travel_directions": (
        {},
        ["scope", "article_count", "outlet_count"],
        [("outbound", 3, 3), ("inbound", 1, 1)],
    ),
    "topic_trend": (
        {},
        ["day", "topic", "article_count", "mean_of_week_before"],
        [
            (date(2026, 3, 10), "ai", 3, share("0.1")),
            (date(2026, 3, 10), "china_travel", 3, share("0.1")),
            (date(2026, 3, 9), "china_travel", 1, None),
            (date(2026, 3, 8), "ai", 1, None),
        ],
    ),
    "outlet_shares": (
        {"least": "2"},
        ["outlet", "on_topic_count", "entry_count", "share"],
        [
            (ASIA, 2, 3, share("0.667")),
            (POST, 2, 4, share("0.5")),
            (WIRE, 1, 2, share("0.5")),
        ],
    ),
    "outlet_profiles": (
        {"outlet": ASIA},
        ["article_count", "ai_count", "china_travel_count", "undated_share", "languages"],
        [(2, 1, 2, share("0.5"), ["en"])],
    ),
    "outlet_lag": (
        {"least": "1"},
        ["outlet", "dated_count", "undated_count", "median_minutes", "p90_minutes"],
        [(WIRE, 1, 0, Decimal(10), Decimal(10)), (POST, 2, 0, Decimal(255), Decimal(435))],
    ),
    "late_arrivals": ({}, ["hours_late", "title"], [(Decimal(8), CHIPS)]),
    "quiet_feeds": (
        {},
        ["outlet", "last_news_on", "news_days", "fetch_count", "failed_count"],
        [(ASIA, date(2026, 3, 6), 10, 3, 0)],
    ),
    "slow_feeds": (
        {},
        ["outlet", "fetch_count", "failed_share", "mean_ms", "megabytes"],
        [
            (WIRE, 7, share("0.286"), 200, share("1.25")),
            (ASIA, 7, share("0"), 300, share("1.75")),
            (POST, 7, share("0"), 100, share("1.75")),
        ],
    ),
    "feeds_in_trouble": (
        {},
        ["title", "failure_count", "reason"],
        [(WIRE, 2, "no answer within 30 s")],
    ),
    "quarantine_by_cause": (
        {"status": "any"},
        ["cause", "record_count", "seen_count", "outlets", "for_example"],
        [
            ("an entry has a title", 2, 4, [ASIA, WIRE], None),
            ("an entry is not from the future", 1, 1, [WIRE], "2062-01-01T00:00:00Z"),
        ],
    ),
    "failed_expectations": (
        {},
        ["expectation", "column_name", "element_count", "unexpected_count", "unexpected_share"],
        [
            ("not_null", "title", 10, 2, share("0.2")),
            ("between", "published_at", 10, 1, share("0.1")),
        ],
    ),
    "near_misses": (
        {"limit": "2"},
        ["outlet", "title", "china_travel_score"],
        [
            (POST, "Claude Monet on show", pytest.approx(0.1)),
            (ASIA, "A train to Lhasa, in pictures", pytest.approx(0.3)),
        ],
    ),
    "recent_batches": (
        {},
        ["started_at", "verdict", "fetched_count", "accepted_count", "difference_count"],
        [(at(10, 10), "published", 12, 4, 0), (at(9, 20), "published", 9, 4, 0)],
    ),
    "withdrawn_articles": (
        {},
        ["withdrawn_at", "outlet", "title", "shown_for", "feeds_that_show_it"],
        [(at(10, 11), WIRE, ADVICE, timedelta(hours=2), 1)],
    ),
    "who_copies_whom": (
        {},
        ["copying_outlet", "origin_outlet", "text_count", "median_minutes_behind"],
        [(ASIA, WIRE, 1, Decimal(70)), (WIRE, POST, 1, Decimal(90))],
    ),
    "sponsored_articles": (
        {},
        ["first_seen_at", "outlet", "title", "topics"],
        [(at(10, 8), POST, ADVICE, BOTH)],
    ),
    "period_against_last": (
        {"by": "outlet", "days": "1"},
        ["name", "article_count", "count_before", "difference", "times_before"],
        [(ASIA, 2, 0, 2, None), (POST, 1, 0, 1, None), (WIRE, 1, 0, 1, None)],
    ),
    "known_at": (
        {"at": "2026-03-10T08:30Z", "hours": "3"},
        ["title", "feed_count", "edit_count"],
        [("China warns AI staff to stay home", 1, 0), (TRIPS, 1, 0), (TRIPS, 1, 0)],
    ),
    "learned_since": (
        {"hours": "4"},
        ["what", "title", "title_then"],
        [("new", ADVICE, None)],
    ),
}
"""By query: the given parameters except `until`, columns to compare, and the expected rows."""


def test_every_question_has_an_answer_here() -> None:
    names = {query.name for query in read_queries()}
    assert names == {*ANSWERS, "volume_against_norm"}


@pytest.mark.parametrize("name", ANSWERS)
def test_question_is_answered(sample: Connection, name: str) -> None:
    given, names, rows = ANSWERS[name]
    assert columns(answer(sample, name, **given), *names) == rows


def test_edited_article_is_listed_beside_the_new_ones(sample: Connection) -> None:
    result = answer(sample, "learned_since", hours="3")
    assert columns(result, "what", "title", "title_then") == [
        ("edited", ADVICE, "China warns AI staff to stay home")
    ]


def add_history(connection: Connection) -> None:
    """Wire has one article on AI on each of the 14 days before the 10th, but none on the 5th."""
    for statement in (
        "INSERT INTO core.fact_article (identity_kind, identity_hash, first_feed_key, outlet_key,"
        " first_seen_at, batch_id, loaded_at)"
        " SELECT 'url', decode(to_char(day, 'YYYYMMDD'), 'hex'), 2, 2,"
        " day, 'h', day FROM generate_series(timestamptz '2026-02-24 15:00Z',"
        " '2026-03-09 15:00Z', interval '1 day') AS day WHERE day <> '2026-03-05 15:00Z'",
        "INSERT INTO core.article_revision (article_key, feed_key, revision_number, kind, title,"
        " text_hash, recorded_from, loaded_at, batch_id)"
        " SELECT article_key, 2, 1, 'inserted', 'AI', '\\x',"
        " loaded_at, loaded_at, 'h' FROM core.fact_article WHERE batch_id = 'h'",
        "UPDATE core.fact_article AS article SET current_revision_key = revision.revision_key"
        " FROM core.article_revision AS revision WHERE article.batch_id = 'h'"
        " AND revision.article_key = article.article_key",
        "INSERT INTO core.fact_topic_match (revision_key, topic_key, ruleset_key, is_match, score)"
        " SELECT revision_key, topic_key, 1, true, 0.75 FROM core.article_revision,"
        " core.dim_topic WHERE batch_id = 'h' AND topic = 'ai'",
    ):
        connection.exec_driver_sql(statement)
    connection.commit()


def test_volume_is_held_against_the_days_before_those_without_articles_included(
    own_sample: Connection,
) -> None:
    add_history(own_sample)
    result = answer(own_sample, "volume_against_norm", topic="ai", outlet=WIRE, days="6")
    assert columns(result, "day", "article_count", "norm", "times_norm") == [
        (date(2026, 3, 10), 1, share("0.93"), share("1.1")),  # 13 in 14 days
        (date(2026, 3, 9), 1, share("0.92"), share("1.1")),  # 12 in 13
        (date(2026, 3, 8), 1, share("0.92"), share("1.1")),
        (date(2026, 3, 7), 1, share("0.91"), share("1.1")),
        (date(2026, 3, 6), 1, share("0.90"), share("1.1")),
        (date(2026, 3, 5), 0, share("1.00"), share("0.0")),
    ]


def test_outlet_of_less_than_a_week_has_no_norm(sample: Connection) -> None:
    result = answer(sample, "volume_against_norm", topic="ai", outlet=POST)
    assert columns(result, "day", "article_count", "norm") == [
        (date(2026, 3, 10), 1, None),
        (date(2026, 3, 9), 0, None),
        (date(2026, 3, 8), 1, None),
    ]


@pytest.mark.parametrize(
    ("searched", "words", "is_found"),
    [
        ("He said the air was clear", "ai", False),
        ("AI, again", "ai", True),
        ("Visas for the U.S. and Japan", "u.s. visa japan", True),
        ("Advisory", "visor", False),
        ("AI专家留在中国", "专家 ai", True),
        ("中国专家", "国专", True),
        ("中国", "中美", False),
        ("50% (off)", "%", True),
        (None, "ai", False),
        ("anything", " ", True),
    ],
)
def test_words_are_found(
    sample: Connection, searched: str | None, words: str, is_found: bool
) -> None:
    found = sample.exec_driver_sql("SELECT mart.has_words(%s, %s)", (searched, words)).scalar()
    assert found is is_found


def test_bars_are_as_long_as_the_numbers() -> None:
    result = QueryResult(("day", "n"), (("mon", 8), ("tue", Decimal(4)), ("wed", None), ("thu", 1)))
    assert [row[2] for row in add_bars(result, "n").rows] == ["█" * 24, "█" * 12, "", "█" * 3]
    assert add_bars(QueryResult(("n",), ((0,),)), "n").rows == ((0, ""),)


@pytest.mark.parametrize(
    ("column", "message"),
    [("m", 'no column "m" to draw; there are: day, n'), ("day", "day holds no numbers to draw")],
)
def test_bars_need_a_column_of_numbers(column: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        add_bars(QueryResult(("day", "n"), (("mon", 1),)), column)


DRAWN = ("topic_trend", "volume_against_norm")
"""The queries shown on some weeks of articles, with bars."""


def write_page(connection: Connection) -> str:
    head = (ROOT / "tests/data/queries_head.md").read_text("utf-8")
    queries = read_queries()
    sections = {
        query.name: _write_section(connection, query)
        for query in queries
        if query.name not in DRAWN
    }
    add_history(connection)
    sections |= {name: _write_section(connection, find_query(name)) for name in DRAWN}
    return head + "".join(sections[query.name] for query in queries)


def _write_section(connection: Connection, query: Query) -> str:
    given, *_ = ANSWERS.get(query.name, ({"topic": "ai", "outlet": WIRE},))
    bar = "article_count" if query.name in DRAWN else None
    result = answer(connection, query.name, **given)
    out = Console(width=96, file=io.StringIO(), color_system=None)
    out.print(draw_answer(add_bars(result, bar) if bar else result, out.width))
    options = [f"-p {_quote(f'{name}={value}')}" for name, value in given.items()]
    command = " ".join(["silkwire query", query.name, *options, *([f"--bar {bar}"] if bar else [])])
    filters = ", ".join(f"`{one.name}`" for one in query.parameters if one.is_filter)
    listed = f"- {filters} (any): filters\n" if filters else ""
    listed += "".join(
        f"- `{parameter.name}` ({parameter.default}): {parameter.help}\n"
        for parameter in query.parameters
        if not parameter.is_filter
    )
    shown = "\n".join(line.rstrip() for line in out.file.getvalue().splitlines())  # type: ignore[attr-defined]
    parts = [
        f"\n## {query.name}\n\n{query.question}\n",
        f"\n{listed}" if listed else "",
    ]
    return "".join([*parts, f"\n```console\n$ {command}\n{shown}\n```\n"])


def _quote(option: str) -> str:
    return f'"{option}"' if " " in option else option


def test_page_of_questions_shows_what_they_answer(own_sample: Connection) -> None:
    page = write_page(own_sample)
    file = ROOT / "docs/queries.md"
    if os.environ.get("WRITE_DOCS"):
        file.write_text(page, "utf-8")
    assert file.read_text("utf-8") == page
