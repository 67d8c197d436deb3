"""`silkwire up` for real: a scheduled run over HTTP into the warehouse, held batches, a restart."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

from helpers.feedserver import FeedServer
from helpers.heldfeeds import let_hold, write_bad_feed
from helpers.running_airflow import DAG, RunningAirflow, find_free_port, wait_for
from silkwire.config import Settings
from silkwire.demo.publisher import Publisher
from silkwire.pipeline import ingest
from silkwire.warehouse.embedded.server import remove_server, server_status

pytestmark = pytest.mark.slow
REVIEWS = "/api/v2/dags/review_quarantine/dagRuns"


@pytest.fixture(scope="module")
def publisher() -> Iterator[Publisher]:
    with Publisher(datetime.now(UTC)) as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A long path, with a space in it; its server goes with it."""
    long = tmp_path_factory.mktemp("up") / ("a long path " + "x" * 100)
    long.mkdir()
    yield long
    remove_server(settings_of(long))


@pytest.fixture(scope="module")
def airflow(folder: Path, publisher: Publisher) -> Iterator[RunningAirflow]:
    with RunningAirflow(folder, publisher) as running:
        yield running


@pytest.fixture(scope="module")
def run(airflow: RunningAirflow) -> dict[str, Any]:
    ended = airflow.wait_for_run()
    assert ended["state"] == "success", airflow.read_logs(ended["dag_run_id"])
    return ended


@pytest.fixture(scope="module")
def held(run: dict[str, Any], folder: Path) -> list[str]:
    """Two batches that are held without Airflow's doing, for its next run to find."""
    del run
    settings = let_hold(settings_of(folder))
    held = []
    for name in ("one", "two"):
        with FeedServer({name: write_bad_feed(name)}) as feeds:
            opml = feeds.write_opml(folder / f"{name}.opml")
            held.append(ingest(settings, feeds_opml=opml).batch_id)
    return held


def list_requests(airflow: RunningAirflow, batch_ids: list[str]) -> dict[str, Any] | None:
    """What is asked, or was, about each of the batches; None while one is missing."""
    found = airflow.request(f"{REVIEWS}/~/hitlDetails")["hitl_details"]
    requests = {one["task_instance"]["dag_run_id"]: one for one in found}
    return (
        {batch: requests[batch] for batch in batch_ids} if set(batch_ids) <= set(requests) else None
    )


def wait_for_review(airflow: RunningAirflow, batch_id: str, answer: str | None = None) -> str:
    """How the run that asks about this batch ended, once the `answer` is given."""
    path = f"{REVIEWS}/{batch_id}/taskInstances/ask/-1/hitlDetails"

    def find_end() -> str | None:
        asked = airflow.request(path)
        waits = asked["task_instance"]["state"] == "deferred"
        # More than once, if need be: Airflow asks again after an answer that comes at once.
        if answer and waits and not asked["response_received"]:
            airflow.request(path, {"chosen_options": [answer], "params_input": {}}, "PATCH")
        state: str = airflow.request(f"{REVIEWS}/{batch_id}")["state"]
        return state if state in {"success", "failed"} else None

    return wait_for(find_end, 300)


def read_decision(folder: Path, batch_id: str) -> tuple[Any, ...]:
    columns = "verdict, reviewer, decided_at IS NOT NULL"
    [row] = query(folder, f"SELECT {columns} FROM ops.batch WHERE batch_id = '{batch_id}'")
    return row


def settings_of(folder: Path) -> Settings:
    return Settings(home=folder / "home")


def query(folder: Path, statement: str) -> list[tuple[Any, ...]]:
    url = server_status(settings_of(folder)).url
    assert url is not None
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def print_figure(capsys: pytest.CaptureFixture[str], figure: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nsilkwire up: {figure}\n")


def find_processes(folder: Path) -> list[str]:
    """What still runs with this home in its environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("SILKWIRE_HOME") == str(folder / "home"):
                found.append(" ".join(process.cmdline()))
        except psutil.Error:
            continue
    return found


def test_it_greets_with_address_and_login(
    airflow: RunningAirflow, capsys: pytest.CaptureFixture[str]
) -> None:
    print_figure(capsys, f"first start {airflow.seconds:.0f} s")
    assert airflow.greeted("URL") == f"http://127.0.0.1:{airflow.port}"
    assert airflow.greeted("user") == "admin"
    assert len(airflow.greeted("password")) >= 12


def test_every_part_of_airflow_is_healthy(airflow: RunningAirflow) -> None:
    health = airflow.request("/api/v2/monitor/health")
    assert {part: state["status"] for part, state in health.items()} == {
        "metadatabase": "healthy",
        "scheduler": "healthy",
        "triggerer": "healthy",
        "dag_processor": "healthy",
    }
    assert airflow.request("/api/v2/importErrors")["import_errors"] == []


def test_the_dag_is_not_paused_and_there_are_no_examples(airflow: RunningAirflow) -> None:
    dags = airflow.request("/api/v2/dags")["dags"]
    assert {dag["dag_id"]: dag["is_paused"] for dag in dags}["ingest_feeds"] is False
    assert not [dag["dag_id"] for dag in dags if "example" in dag["dag_id"]]


def test_the_pool_of_the_fetches_is_there(airflow: RunningAirflow) -> None:
    assert airflow.request("/api/v2/pools/silkwire_fetch")["slots"] == 8


def test_a_scheduled_run_succeeds_task_by_task(
    airflow: RunningAirflow, run: dict[str, Any]
) -> None:
    tasks = airflow.request(f"{DAG}/dagRuns/{run['dag_run_id']}/taskInstances")["task_instances"]
    assert {(task["task_id"], task["state"]) for task in tasks} == {
        ("plan", "success"),
        ("fetch", "success"),
        ("parse", "success"),
        ("match", "success"),
        ("validate", "success"),
        ("load", "success"),
        ("tell", "success"),
        ("find_held", "success"),
        ("ask_for_review", "skipped"),
    }


@pytest.mark.usefixtures("run")
def test_the_run_loads_articles(folder: Path) -> None:
    assert query(folder, "SELECT state, trigger FROM ops.batch ORDER BY started_at LIMIT 1") == [
        ("done", "airflow")
    ]
    [(article_count,)] = query(folder, "SELECT count(*) FROM mart.articles")
    assert article_count > 0


def test_a_fetch_leads_to_its_task(folder: Path, run: dict[str, Any]) -> None:
    rows = query(folder, "SELECT DISTINCT dag_id, run_id, task_id, map_index FROM ops.fetch")
    assert ("ingest_feeds", run["dag_run_id"], "fetch", 0) in rows


def test_the_run_leaves_a_report_that_people_can_read(
    airflow: RunningAirflow, run: dict[str, Any]
) -> None:
    path = f"{DAG}/dagRuns/{run['dag_run_id']}/taskInstances/load/xcomEntries/return_value"
    report = airflow.request(path + "?deserialize=true")["value"]
    counts = report["entries"]
    assert counts["fetched"] == sum(counts.values()) - counts["fetched"] > 0


def test_a_task_leads_to_what_its_batch_brought(
    airflow: RunningAirflow, folder: Path, run: dict[str, Any]
) -> None:
    path = f"{DAG}/dagRuns/{run['dag_run_id']}/taskInstances/load/links"
    [(batch_id,)] = query(folder, "SELECT batch_id FROM ops.batch ORDER BY started_at LIMIT 1")
    assert airflow.request(path)["extra_links"] == {
        "Articles in the Newsroom": f"/newsroom/?batch={batch_id}"
    }


@pytest.mark.usefixtures("run")
def test_the_run_emits_the_asset(airflow: RunningAirflow) -> None:
    assets = airflow.request("/api/v2/assets")["assets"]
    assert "silkwire_articles" in [asset["name"] for asset in assets]
    assert airflow.request("/api/v2/assets/events")["total_entries"] >= 1


def test_clearing_a_finished_run_changes_nothing(
    airflow: RunningAirflow, folder: Path, run: dict[str, Any], held: list[str]
) -> None:
    assert len(held) == 2
    before = query(folder, "SELECT count(*), max(loaded_at) FROM core.article_revision")
    airflow.request(f"{DAG}/dagRuns/{run['dag_run_id']}/clear", {"dry_run": False})
    assert airflow.wait_for_run()["state"] == "success"
    assert query(folder, "SELECT count(*), max(loaded_at) FROM core.article_revision") == before


def test_a_batch_held_by_the_command_line_is_asked_about(
    airflow: RunningAirflow, held: list[str]
) -> None:
    requests = wait_for(lambda: list_requests(airflow, held), 200)
    assert {tuple(request["options"]) for request in requests.values()} == {("Release", "Reject")}
    assert {request["response_received"] for request in requests.values()} == {False}
    assert "**Why it is held:** 9 of 11 entries" in requests[held[0]]["body"]
    assert "`` `<img src=x onerror=alert(1)>` [AI](" in requests[held[0]]["body"]


def test_a_decision_made_elsewhere_closes_the_request(
    airflow: RunningAirflow, folder: Path, held: list[str]
) -> None:
    airflow.run("quarantine", "reject", held[1], "--reviewer", "ann", "--json")
    assert wait_for_review(airflow, held[1]) == "success", airflow.read_logs(held[1])
    request = list_requests(airflow, held)[held[1]]
    assert request["chosen_options"] == ["Reject"]
    assert request["responded_by_user"] is None
    assert read_decision(folder, held[1]) == ("rejected", "ann", True)


def test_a_release_in_airflow_loads_the_batch_in_the_name_of_the_user(
    airflow: RunningAirflow, folder: Path, held: list[str]
) -> None:
    assert wait_for_review(airflow, held[0], "Release") == "success", airflow.read_logs(held[0])
    assert read_decision(folder, held[0]) == ("released", "admin", True)
    urls = "SELECT article_url FROM mart.articles WHERE article_url LIKE 'https://one.%' ORDER BY 1"
    assert query(folder, urls) == [
        ("https://one.example/good",),
        ("https://one.example/hostile",),
    ]


def test_a_taken_port_is_refused(airflow: RunningAirflow, tmp_path: Path) -> None:
    done = subprocess.run(
        airflow.command("up", "--port", str(airflow.port)),
        env=airflow.environment | {"SILKWIRE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"silkwire: port {airflow.port} of 127.0.0.1 cannot be used")
    assert len(done.stderr.splitlines()) == 1


def test_without_a_warehouse_it_ends_with_one_sentence(
    airflow: RunningAirflow, tmp_path: Path
) -> None:
    done = subprocess.run(
        airflow.command("up", "--port", str(find_free_port())),
        env=airflow.environment
        | {
            "SILKWIRE_HOME": str(tmp_path / "home"),
            "SILKWIRE_WAREHOUSE_URL": f"postgresql://127.0.0.1:{find_free_port()}/none",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    remove_server(Settings(home=tmp_path / "home"))
    assert done.returncode == 1
    assert re.search(r"^silkwire: the warehouse .* cannot be reached", done.stderr, re.MULTILINE)
    assert "Traceback" not in done.stderr


def test_it_stops_all_that_it_started_and_goes_on_after_a_restart(
    airflow: RunningAirflow,
    folder: Path,
    publisher: Publisher,
    run: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    exit_code, seconds = airflow.stop()
    assert exit_code == 0
    assert find_processes(folder) == []
    assert not server_status(settings_of(folder)).is_running
    with RunningAirflow(folder, publisher, airflow.port) as again:
        print_figure(capsys, f"second start {again.seconds:.0f} s, stop {seconds:.0f} s")
        assert again.greeted("password") == airflow.greeted("password")
        assert run["dag_run_id"] in [known["dag_run_id"] for known in again.list_runs()]
    assert find_processes(folder) == []
