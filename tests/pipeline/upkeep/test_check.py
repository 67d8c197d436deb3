"""`silkwire db check` and its task: exit code, rows in `ops.expectation_result`, sentences."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, text

from helpers.desk import FIRST, HOUR, Desk, rss
from helpers.publisher import answer
from silkwire.airflow import ingest_tasks
from silkwire.errors import ValidationError


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "silkwire", "db", "check", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


def add_broken_feed(engine: Engine) -> None:
    """A feed without a row in `core.dim_feed` that has been due for more than a day."""
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)"
                " VALUES ('x', 'x', now() - interval '25 hours', now())"
            )
        )


def test_a_sound_warehouse_exits_0_and_keeps_its_results(warehouse: Engine) -> None:
    done = run("--json")
    assert (done.returncode, done.stderr) == (0, "")
    report = json.loads(done.stdout)
    assert report["is_sound"] is True
    with warehouse.connect() as conn:
        rows = conn.execute(
            text("SELECT DISTINCT batch_id, suite, is_success FROM ops.expectation_result")
        ).all()
        day, count = conn.execute(
            text("SELECT day, count(*) FROM mart.data_quality_daily GROUP BY day")
        ).one()
    assert [tuple(row) for row in rows] == [(report["run_id"], "warehouse", True)]
    assert (day, count) == (datetime.now(UTC).date(), len(report["expectations"]))


def test_an_article_deleted_by_sql_comes_back_and_the_check_says_what_that_means(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.list_feed("/a.xml")
    desk.publisher.pages["/a.xml"] = answer(rss(FIRST))
    desk.run()
    with desk.ctx.engine.begin() as conn:
        conn.execute(text("DELETE FROM core.fact_article"))
    desk.publisher.pages["/a.xml"] = answer(rss(FIRST) + b"<!-- other bytes -->")
    desk.run(after=HOUR)
    assert desk.titles() == [FIRST]
    monkeypatch.setenv("COLUMNS", "400")
    assert (
        "accepted_entries_are_in_the_warehouse  Otherwise it was counted and then lost, or somebody"
        " deleted its article by SQL, which silkwire does not know of yet: the article comes back"
        " when its feed changes, and this check goes on failing. Restore a backup, or see"
        ' "Deleting articles" in docs/operations.md.\n'
    ) in run().stdout


def test_a_broken_warehouse_exits_1_and_names_what_fails(warehouse: Engine) -> None:
    add_broken_feed(warehouse)
    done = run("--json")
    failed = [e for e in json.loads(done.stdout)["expectations"] if not e["is_success"]]
    assert done.returncode == 1
    assert [(e["expectation"], e["relation"], e["examples"]) for e in failed] == [
        ("feed_is_described", "feeds", {"feed_key": ["1"]}),
        ("feed_is_read_in_time", "feeds", {"feed_key": ["1"]}),
    ]


def test_without_json_a_table_and_the_reasons_are_printed(warehouse: Engine) -> None:
    add_broken_feed(warehouse)
    done = run()
    assert done.returncode == 1
    assert "✓  in each batch, accepted, unchanged, off topic" in done.stdout
    assert "✗  every listed feed has a current row" in done.stdout
    assert "feed_is_described  Its new articles could not be loaded." in done.stdout
    assert "feed_key: 1" in done.stdout


def test_the_task_fails_with_what_fails(warehouse: Engine) -> None:
    assert ingest_tasks.check_warehouse()["failed"] == 0
    add_broken_feed(warehouse)
    with pytest.raises(ValidationError, match=r"2 of 28 .*\nfeed_is_described: 1 of 1 rows; exp"):
        ingest_tasks.check_warehouse()
