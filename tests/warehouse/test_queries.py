"""The questions of sql/queries: how they are listed, run and called on the command line."""

import json
import re
import subprocess
import sys
from datetime import timedelta
from decimal import Decimal
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from helpers.places import DATA
from silkwire.cli.app import app
from silkwire.errors import ConfigError, WarehouseError
from silkwire.warehouse.queries import (
    Parameter,
    bind_parameters,
    find_query,
    read_queries,
    run_query,
)

QUERIES = read_queries()
NAMES = [query.name for query in QUERIES]


@pytest.fixture
def seeded(warehouse):
    with warehouse.begin() as connection:
        connection.exec_driver_sql(
            (DATA / "two_articles.sql").read_text("utf-8"),
            execution_options={"no_parameters": True},
        )
    with warehouse.connect() as connection:
        yield connection


def write_query(folder, text, name="sample"):
    (folder / f"{name}.sql").write_text(text, "utf-8")
    return folder


def call(*args):
    return CliRunner().invoke(app, ["query", *args])


def test_questions_are_these():
    assert NAMES == [
        "both_topics",
        "edited_headlines",
        "edited_words",
        "failed_expectations",
        "feeds_in_trouble",
        "find_articles",
        "known_at",
        "late_arrivals",
        "latest_articles",
        "learned_since",
        "most_edited",
        "near_misses",
        "outlet_lag",
        "outlet_profiles",
        "outlet_shares",
        "period_against_last",
        "quarantine_by_cause",
        "quiet_feeds",
        "recent_batches",
        "reverted_headlines",
        "rule_matches",
        "rules_at_work",
        "slow_feeds",
        "sponsored_articles",
        "today_with_reasons",
        "topic_trend",
        "travel_directions",
        "volume_against_norm",
        "who_broke_it",
        "who_copies_whom",
        "who_else_carries_it",
        "why_kept",
        "wide_stories",
        "withdrawn_articles",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_question_reads_the_marts_alone(name):
    statement = find_query(name).statement
    assert "mart." in statement
    assert "core." not in statement
    assert "ops." not in statement


def test_every_question_runs_on_an_empty_warehouse(warehouse):
    with warehouse.connect() as connection:
        assert [run_query(connection, query).rows for query in QUERIES] == [()] * len(QUERIES)


def test_story_on_both_topics_is_found_with_its_carriers(seeded):
    result = run_query(seeded, find_query("both_topics"))
    assert [row[1:] for row in result.rows] == [("China advises AI staff", ["The Post"], 2, 1)]


def test_edited_headline_is_shown_before_and_after(seeded):
    result = run_query(seeded, find_query("edited_headlines"))
    assert [row[1:] for row in result.rows] == [
        (
            "The Post",
            "China [-warns-] {+advises+} AI staff",
            "China warns AI staff",
            "China advises AI staff",
            "https://post.example/a",
        )
    ]


def test_failing_feed_is_shown_with_where_to_try(seeded):
    rows = run_query(seeded, find_query("feeds_in_trouble")).rows
    assert rows == (
        (
            "Wire",
            "failing",
            3,
            "html",
            "a web page, not a feed",
            "https://wire.example/new",
            None,
        ),
    )


def test_latest_articles_can_be_narrowed_to_a_topic(seeded):
    query = find_query("latest_articles")
    titles = {
        topic: [row[2] for row in run_query(seeded, query, {"topic": topic}).rows]
        for topic in ("any", "ai", "china_travel")
    }
    assert titles == {
        "any": ["China advises AI staff", "=1+1 visa-free tours"],
        "ai": ["China advises AI staff"],
        "china_travel": ["China advises AI staff", "=1+1 visa-free tours"],
    }


def test_near_miss_is_shown_with_its_scores(seeded):
    rows = run_query(seeded, find_query("near_misses")).rows
    assert [(row[1], round(row[2], 2)) for row in rows] == [("Claude Monet", 0.4)]


def test_lag_is_told_for_dated_articles(seeded):
    rows = run_query(seeded, find_query("outlet_lag"), {"least": "1"}).rows
    assert rows == (("The Post", 1, 0, Decimal("30.0"), Decimal("30.0"), Decimal("30.0")),)


def test_trend_counts_each_topic(seeded):
    rows = run_query(seeded, find_query("topic_trend")).rows
    assert {(topic, mean) for _, topic, *_, mean in rows} >= {("ai", None)}
    assert sum(row[2] for row in rows) == 3


def test_travel_directions_count_what_is_unknown_too(seeded):
    rows = run_query(seeded, find_query("travel_directions")).rows
    assert [row[:3] for row in rows] == [("outbound", 1, 1), ("unknown", 1, 1)]


def test_why_kept_gives_the_words_that_decided(seeded):
    rows = run_query(seeded, find_query("why_kept"), {"words": "ADVISES ai"}).rows
    assert [row[1:2] + row[3:6] for row in rows] == [
        ("ai", "AI", "title", "ai.name"),
        ("ai", "score 0.90", None, "sum"),
        ("china_travel", "score 0.80", None, "sum"),
    ]


def test_who_else_carries_a_text_is_told_with_every_url(seeded):
    with seeded.begin():
        seeded.exec_driver_sql(
            "INSERT INTO core.article_copy (article_key, origin_article_key, similarity, reason,"
            " linked_at) VALUES (2, 1, 0.75, 'same lead', now())"
        )
    rows = run_query(seeded, find_query("who_else_carries_it"), {"words": "ADVISES"}).rows
    assert [row[2:] for row in rows] == [
        ("The Post", "China advises AI staff", True, None, None, "https://post.example/a"),
        ("Wire", "China advises AI staff", True, None, None, "https://post.example/a"),
        ("Wire", "=1+1 visa-free tours", False, 0.75, "same lead", "https://wire.example/b"),
    ]
    assert {row[1] for row in rows} == {timedelta(hours=1)}


def test_question_can_change_nothing(seeded, tmp_path):
    folder = write_query(tmp_path, "-- May it write?\nDELETE FROM ops.off_topic RETURNING title")
    with pytest.raises(WarehouseError, match=r"the query sample failed: .*read-only transaction"):
        run_query(seeded, find_query("sample", folder))


def test_header_declares_parameters_with_defaults(tmp_path):
    folder = write_query(
        tmp_path,
        "-- What: is it?\n-- param days: 7  how many\n-- param who: any body  name\n"
        "SELECT 1::int, :days, :who -- not :this",
    )
    query = find_query("sample", folder)
    assert query.question == "What: is it?"
    assert query.parameters == (
        Parameter("days", 7, "how many"),
        Parameter("who", "any body", "name"),
    )
    assert query.statement == "SELECT 1::int, :days, :who"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1", "sample.sql:1: the first line must be the question"),
        ("-- Why?\n-- param days 7\nSELECT 1", "sample.sql:2: a parameter is declared as"),
        ("-- Why?\n-- param days: 7  x\nSELECT 1", "declared but not used, .*: days"),
        ("-- Why?\nSELECT :days", "used but not declared: days"),
    ],
)
def test_mistake_in_a_query_file_names_the_file(tmp_path, text, message):
    with pytest.raises(ConfigError, match=message):
        find_query("sample", write_query(tmp_path, text))


def test_unknown_query_is_an_error_with_a_suggestion():
    with pytest.raises(
        ConfigError, match='no query "latest_article"; did you mean "latest_articles"'
    ):
        find_query("latest_article")


@pytest.mark.parametrize("name", ["../queries/why_kept", "", "zzz"])
def test_query_is_found_by_its_plain_name_only(name):
    with pytest.raises(ConfigError, match="there is no query"):
        find_query(name)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("latest_articles", {"topics": "ai"}, 'no parameter "topics"; did you mean "topic"'),
        ("feeds_in_trouble", {"days": "1"}, 'no parameter "days"; there are: outlet, tag'),
        ("quarantine_by_cause", {"status": "opn"}, 'status cannot be "opn"; did you mean "open"'),
        ("period_against_last", {"by": "day"}, 'by cannot be "day"; there are: topic, outlet'),
        (
            "latest_articles",
            {"limit": "many"},
            'limit must be a whole number from 0 to 1000000, not "many"',
        ),
        ("latest_articles", {"limit": "99999999999"}, "limit must be a whole number from 0 to"),
        ("latest_articles", {"limit": "-1"}, 'from 0 to 1000000, not "-1"'),
        ("latest_articles", {"until": "soon"}, "until must be now or an instant such as 2026-"),
        ("latest_articles", {"until": "2026-02-30"}, 'such as 2026-03-01T12:00Z, not "2026-02-30"'),
        ("latest_articles", {"until": "0001-01-01T00:00+09:00"}, "until must be now or an instant"),
    ],
)
def test_wrong_parameter_is_an_error_that_names_it(name, given, message):
    with pytest.raises(ConfigError, match=message):
        bind_parameters(find_query(name), given)


@pytest.mark.parametrize(
    ("given", "bound"),
    [
        ("now", "now"),
        ("2026-03-01T12:00Z", "2026-03-01T12:00:00Z"),
        ("2026-03-01T20:00+08:00", "2026-03-01T12:00:00Z"),
        ("2026-03-01 12:00", "2026-03-01T12:00:00Z"),
        ("2026-03-01", "2026-03-01T00:00:00Z"),
    ],
)
def test_instant_is_read_as_utc(given, bound):
    assert bind_parameters(find_query("known_at"), {"at": given})["at"] == bound


def test_parameter_is_a_value_and_never_sql(seeded):
    given = {"flag": "any' OR 'a'='a", "days": "999"}
    assert run_query(seeded, find_query("sponsored_articles"), given).rows == ()


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"topic": "AI"}, 'there is no topic "AI"; did you mean "ai"?'),
        ({"topic": "sport"}, 'there is no topic "sport"; there are: ai, china_travel'),
        ({"outlet": "Post"}, 'there is no outlet "Post"; did you mean "The Post"?'),
        ({"outlet": "Wrie"}, 'there is no outlet "Wrie"; did you mean "Wire"?'),
        ({"outlet": "Gazette"}, 'there is no outlet "Gazette"; there are: The Post, Wire'),
        ({"language": "EN"}, 'there is no language "EN"; did you mean "en"?'),
        ({"scope": "inbond"}, 'there is no scope "inbond"; did you mean "inbound"?'),
        ({"feed": "post.example"}, 'there is no feed "post.example"; did you mean "https://post'),
        ({"tag": "buisness"}, 'there is no tag "buisness"; did you mean "business"?'),
    ],
)
def test_filter_of_a_value_that_is_not_known_names_those_that_are(seeded, given, message):
    with seeded.begin():
        seeded.exec_driver_sql("UPDATE ops.feed SET tags = '{business, tech}' WHERE feed_key = 1")
        seeded.exec_driver_sql("UPDATE core.fact_article SET language = 'en' WHERE article_key = 1")
    with pytest.raises(ConfigError, match=re.escape(message)):
        run_query(seeded, find_query("latest_articles"), given)


def test_filter_takes_everything_while_nothing_of_its_kind_is_known(warehouse):
    with warehouse.connect() as connection:
        result = run_query(connection, find_query("latest_articles"), {"outlet": "The Post"})
    assert result.rows == ()


@pytest.mark.parametrize(
    ("given", "titles"),
    [
        ({"outlet": "Wire"}, ["=1+1 visa-free tours"]),
        ({"language": "zh"}, ["=1+1 visa-free tours"]),
        ({"language": "zh-Hans"}, ["=1+1 visa-free tours"]),
        ({"language": "en"}, ["China advises AI staff"]),
        ({"tag": "wires"}, ["China advises AI staff", "=1+1 visa-free tours"]),
        ({"tag": "papers"}, ["China advises AI staff"]),
        ({"feed": "https://post.example/rss"}, ["China advises AI staff"]),
        ({"scope": "outbound"}, ["China advises AI staff"]),
        ({"scope": "inbound"}, []),
        ({"tag": "papers", "outlet": "Wire"}, []),
    ],
)
def test_filters_narrow_an_answer(seeded, given, titles):
    with seeded.begin():
        for statement in (
            "UPDATE ops.feed SET tags = (ARRAY['{papers}', '{wires}']::text[])[feed_key]::text[]",
            "UPDATE core.fact_article SET language = (ARRAY['en', 'zh-Hans']::text[])[article_key]",
        ):
            seeded.exec_driver_sql(statement)
    result = run_query(seeded, find_query("latest_articles"), given)
    assert [row[2] for row in result.rows] == titles


@pytest.mark.parametrize("name", [query.name for query in QUERIES if query.parameters])
def test_each_filter_of_each_question_runs(seeded, name):
    with seeded.begin():
        seeded.exec_driver_sql("UPDATE ops.feed SET tags = '{a}'")
        seeded.exec_driver_sql("UPDATE core.fact_article SET language = 'en'")
    values = {
        "topic": "ai",
        "outlet": "Wire",
        "language": "en",
        "feed": "https://wire.example/rss",
        "tag": "a",
        "scope": "hkmo",
    }
    query = find_query(name)
    for parameter in query.parameters:
        if parameter.is_filter:
            run_query(seeded, query, {parameter.name: values[parameter.name]})


def test_answer_that_the_limit_cuts_says_how_many_rows_there_are(seeded):
    query = find_query("latest_articles")
    totals = {
        limit: run_query(seeded, query, {"limit": str(limit)}).row_total for limit in (0, 1, 2, 3)
    }
    assert totals == {0: 2, 1: 2, 2: None, 3: None}


def test_rows_that_are_cut_are_counted_to_a_thousand(warehouse, tmp_path):
    folder = write_query(
        tmp_path,
        "-- How far?\n-- param limit: 2  x\n-- param far: 9  x\n"
        "SELECT n FROM generate_series(1, :far) AS n ORDER BY n LIMIT :limit",
    )
    query = find_query("sample", folder)
    with warehouse.connect() as connection:
        found = {n: run_query(connection, query, {"far": str(n)}) for n in (1000, 1001)}
        wide = run_query(connection, query, {"far": "5000", "limit": "3000"})
    assert [(len(one.rows), one.row_total, one.is_more) for one in found.values()] == [
        (2, 1000, False),
        (2, 1000, True),
    ]
    assert (len(wide.rows), wide.row_total, wide.is_more) == (3000, 3000, True)


def test_list_of_questions_tells_their_parameters():
    result = call()
    assert result.exit_code == 0
    assert "latest_articles\n  What is new on a topic?\n    -p topic=any" in result.stdout


def test_list_of_questions_as_json():
    queries = json.loads(call("--json").stdout)["queries"]
    assert [query["name"] for query in queries] == NAMES


def test_command_prints_a_table(seeded):
    result = call("both_topics")
    assert result.exit_code == 0
    assert "China advises AI staff" in " ".join(result.stdout.split())
    assert result.stdout.endswith("1 row\n")


def test_command_says_so_when_there_is_nothing(warehouse):
    assert call("feeds_in_trouble").stdout.endswith("Nothing yet.\n")
    said = " ".join(call("topic_trend", "-p", "days=3").stdout.split())
    assert said.endswith("Nothing yet with days=3, until=now.")


def test_command_writes_csv_that_a_spreadsheet_does_not_run(seeded):
    result = call("latest_articles", "-p", "topic=china_travel", "--csv")
    assert 'The Post,China advises AI staff,"ai, china_travel"' in result.stdout
    assert ",'=1+1 visa-free tours," in result.stdout


def test_command_says_that_the_answer_is_cut(seeded):
    said = call("latest_articles", "-p", "limit=1")
    assert said.stdout.endswith("1 of 2 rows; -p limit=2 shows all\n")
    written = call("latest_articles", "-p", "limit=1", "--csv")
    assert len(written.stdout.splitlines()) == 2
    assert written.stderr == "1 of 2 rows; -p limit=2 shows all\n"
    assert json.loads(call("latest_articles", "-p", "limit=1", "--json").stdout)["row_total"] == 2


def test_command_writes_csv_for_excel(seeded):
    result = call("latest_articles", "-p", "topic=ai", "--excel")
    assert result.stdout.startswith("\ufefffirst_seen_at,outlet,title,")


def test_command_draws_a_chart_of_the_column(seeded, tmp_path):
    file = tmp_path / "trend.svg"
    result = call("topic_trend", "--bar", "article_count", "--plot", str(file))
    assert result.exit_code == 0, result.output
    assert f"The chart is in {file}" in result.stdout
    assert ElementTree.fromstring(file.read_text("utf-8")).tag.endswith("svg")
    failed = call("topic_trend", "--bar", "article_count", "--plot", str(tmp_path / "no/x.svg"))
    assert "cannot be written" in str(failed.exception)


def test_command_writes_one_json_object(seeded):
    found = json.loads(call("latest_articles", "-p", "limit=1", "--json").stdout)
    assert found["parameters"] == {
        "topic": "any",
        "outlet": "any",
        "language": "any",
        "feed": "any",
        "tag": "any",
        "scope": "any",
        "hours": 24,
        "until": "now",
        "limit": 1,
    }
    assert [row["title"] for row in found["rows"]] == ["China advises AI staff"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["nothing"], 'silkwire: there is no query "nothing"; there are: both_topics, '),
        (["both_topics", "-p", "days"], 'silkwire: "days" is not of the form NAME=VALUE'),
        (["both_topics", "--csv", "--json"], "silkwire: --csv, --json and --bar exclude"),
        (["-p", "days=1"], "silkwire: name the query that this is for"),
        (["both_topics", "--plot", "x.svg"], "silkwire: --plot writes a .svg file and needs --bar"),
        (["both_topics", "--bar", "limit", "--plot", "x.png"], "silkwire: --plot writes a .svg"),
    ],
)
def test_wrong_usage_is_one_sentence_and_exit_2(args, message):
    command = [sys.executable, "-c", "from silkwire.cli import main; main()", "query", *args]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(message)
