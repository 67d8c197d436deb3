"""Every DAG through `dag.test()`: Airflow's own database and the warehouse on real PostgreSQL."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Engine, create_engine, text

from silkwire.demo.publisher import Publisher
from silkwire.resources import CONFIG_DIR, DAGS_DIR, PLUGINS_DIR
from silkwire.standalone.environment import airflow_environment
from silkwire.standalone.home import keep_secrets, make_home

pytestmark = pytest.mark.slow
RUNNER = Path(__file__).with_name("run_dags.py")
ORDER = ("ingest_feeds", "refresh_marts", "check_warehouse")
NAMES = ("silkwire_dag_runs", "airflow_dag_runs", "silkwire_dag_replay")
ARTICLES = "SELECT article_url, title, edit_count, first_seen_at FROM mart.articles ORDER BY 1"


@pytest.fixture(scope="module")
def databases(admin: Engine) -> Iterator[dict[str, URL]]:
    """The warehouse, migrated and empty, one for Airflow, and another warehouse."""
    with admin.connect() as conn:
        for name, template in zip(NAMES, ("silkwire", "template1", "silkwire"), strict=True):
            conn.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} OWNER silkwire")
    yield {name: admin.url.set(username="silkwire", database=name) for name in NAMES}
    with admin.connect() as conn:
        for name in NAMES:
            conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def environment(
    databases: dict[str, URL], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("runs")
    shutil.copytree(CONFIG_DIR, folder / "config")
    home = make_home(folder / "home")
    warehouse, airflow, _ = map(write_url, databases.values())
    with Publisher(datetime.now(UTC)) as publisher:
        publisher.write_opml(folder / "config" / "feeds.opml")
        yield airflow_environment(
            os.environ,
            silkwire_home=folder / "home",
            home=home,
            secrets=keep_secrets(home),
            database_url=airflow,
            port=9,
            dags=DAGS_DIR,
            plugins=PLUGINS_DIR,
        ) | {
            "SILKWIRE_WAREHOUSE_URL": warehouse,
            "SILKWIRE_CONFIG_DIR": str(folder / "config"),
            "SILKWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "SILKWIRE_FETCH_HOST_CONCURRENCY": "20",
            "SILKWIRE_FETCH_HOST_PAUSE": "0",
        }


def write_url(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def execute(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, "-P", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def output(environment: dict[str, str]) -> str:
    execute(environment, "-m", "airflow", "db", "migrate")
    done = execute(environment, str(RUNNER), *ORDER)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def ended(output: str) -> dict[str, Any]:
    return read_ends(output, ORDER[0])


def read_ends(output: str, first_dag: str) -> dict[str, Any]:
    start = f'{{"{first_dag}": '
    line = next(line for line in output.splitlines() if start in line)
    found: dict[str, Any] = json.JSONDecoder().raw_decode(line[line.index(start) :])[0]
    return found


def read_rows(url: URL, statement: str) -> list[Any]:
    engine = create_engine(url)
    with engine.connect() as conn:
        rows = list(conn.execute(text(statement)))
    engine.dispose()
    return rows


def test_all_dags_but_the_one_that_waits_for_a_person_are_run() -> None:
    assert {path.stem for path in DAGS_DIR.glob("*.py")} - {"review_quarantine"} == {
        *ORDER,
        "reprocess_archive",
    }


def test_reprocess_archive_fills_an_empty_warehouse_with_the_same_articles(
    ended: dict[str, Any], databases: dict[str, URL], environment: dict[str, str]
) -> None:
    del ended
    live, _, empty = databases.values()
    elsewhere = environment | {"SILKWIRE_WAREHOUSE_URL": write_url(empty)}
    done = execute(elsewhere, str(RUNNER), "reprocess_archive")
    run = read_ends(done.stdout, "reprocess_archive")["reprocess_archive"]
    assert [task[:2] + task[3:] for task in run["tasks"]] == [
        ["replay", 0, "all"],
        ["split", -1, None],
    ]
    assert run["state"] == "success"
    assert read_rows(empty, ARTICLES) == read_rows(live, ARTICLES) != []
    assert "damage count: 0" in done.stdout + done.stderr


@pytest.mark.parametrize("dag_id", ORDER)
def test_a_dag_succeeds(ended: dict[str, Any], dag_id: str) -> None:
    assert ended[dag_id]["state"] == "success"
    others = [(task, state) for task, _, state, _ in ended[dag_id]["tasks"] if state != "success"]
    # nothing is held, so nobody is asked
    assert others == ([("ask_for_review", "skipped")] if dag_id == "ingest_feeds" else [])


def test_the_mapped_task_is_named_after_its_hosts(ended: dict[str, Any]) -> None:
    names = [name for task, _, _, name in ended["ingest_feeds"]["tasks"] if task == "fetch"]
    assert names == ["127.0.0.1"]


def test_the_runs_leave_articles_results_and_pages(
    ended: dict[str, Any], databases: dict[str, URL], environment: dict[str, str]
) -> None:
    del ended
    warehouse = databases[NAMES[0]]
    suites = read_rows(warehouse, "SELECT DISTINCT suite FROM mart.data_quality_daily ORDER BY 1")
    assert [suite for (suite,) in suites] == ["batch", "entry", "warehouse"]
    assert read_rows(warehouse, ARTICLES) != []
    assert (Path(environment["SILKWIRE_HOME"]) / "data" / "data-docs" / "index.html").is_file()


def test_the_log_of_a_task_says_one_fact_a_line(output: str) -> None:
    assert "entries fetched: " in output
    assert "expectation entry.has_title fails for 1 of " in output
    assert "feeds due: " in output
