"""The DAG files as Airflow reads them, and that it does not read the library as plugins."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from silkwire.resources import DAGS_DIR, PLUGINS_DIR
from silkwire.standalone.health import FETCH_POOL


@pytest.fixture(scope="module")
def found(read_airflow: Any) -> dict[str, Any]:
    read: dict[str, Any] = read_airflow()
    return read


@pytest.fixture(scope="module")
def ingest_feeds(found: dict[str, Any]) -> dict[str, Any]:
    dag: dict[str, Any] = found["dags"]["ingest_feeds"]
    return dag


def test_every_dag_file_is_imported_without_an_error(found: dict[str, Any]) -> None:
    assert found["errors"] == {}


def test_every_file_holds_the_one_dag_that_it_is_named_after(found: dict[str, Any]) -> None:
    assert {dag_id: Path(dag["file"]).stem for dag_id, dag in found["dags"].items()} == {
        path.stem: path.stem for path in DAGS_DIR.glob("*.py")
    }


def test_every_dag_shows_its_files_docstring_and_is_tagged(found: dict[str, Any]) -> None:
    for dag in found["dags"].values():
        source = Path(dag["file"]).read_text("utf-8")
        assert source.startswith(f'"""{dag["doc_md"].rstrip()}')
        assert "silkwire" in dag["tags"]


def test_dag_files_import_nothing_of_airflow_but_its_sdk_and_standard_operators() -> None:
    for path in DAGS_DIR.glob("*.py"):
        imports = [
            line.split()[1]
            for line in path.read_text("utf-8").splitlines()
            if line.startswith(("from airflow", "import airflow"))
        ]
        standard = [name for name in imports if name.startswith("airflow.providers.standard.")]
        assert [name for name in imports if name not in standard] == ["airflow.sdk"]


def test_parsing_the_dags_imports_nothing_heavy(
    found: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\nall of dags/ parsed in {found['parse_s']:.2f} s\n")
    assert found["heavy"] == []


def test_ingest_feeds_runs_every_ten_minutes_one_at_a_time(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["schedule"] == "*/10 * * * *"
    assert ingest_feeds["max_active_runs"] == 1
    assert ingest_feeds["catchup"] is False


def test_ingest_feeds_does_its_steps_in_order(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["downstream"] == {
        "plan": ["fetch"],
        "fetch": ["parse"],
        "parse": ["match"],
        "match": ["validate"],
        "validate": ["load"],
        "load": ["tell"],
        "tell": ["find_held"],
        "find_held": ["ask_for_review"],
        "ask_for_review": [],
    }


def test_ingest_feeds_maps_the_fetch_of_a_shard_and_the_review_of_a_batch(
    ingest_feeds: dict[str, Any],
) -> None:
    assert ingest_feeds["mapped"] == ["fetch", "ask_for_review"]


def test_fetches_wait_in_a_pool_that_up_and_the_containers_make(
    ingest_feeds: dict[str, Any],
) -> None:
    named = {task for task, pool in ingest_feeds["pools"].items() if pool != "default_pool"}
    assert named == {"fetch"}
    assert ingest_feeds["pools"]["fetch"] == FETCH_POOL["name"] == "silkwire_fetch"
    script = (DAGS_DIR.parent / "docker" / "init.sh").read_text("utf-8")
    name, slots, description = FETCH_POOL.values()
    assert f'airflow pools set {name} {slots} "{description}"' in script


def test_operators_are_notified_of_a_run_that_is_not_done_after_half_an_hour(
    ingest_feeds: dict[str, Any],
) -> None:
    assert ingest_feeds["deadlines"] == [
        ["late", 1800.0, "silkwire.airflow.ingest_tasks.notify_late_run"]
    ]


def test_every_task_has_a_time_limit_but_the_one_that_waits_for_a_person(
    found: dict[str, Any],
) -> None:
    for dag_id, dag in found["dags"].items():
        waits = dag_id == "review_quarantine"
        assert dag["run_limit"] != waits
        assert [task for task, limited in dag["time_limits"].items() if not limited] == (
            ["ask"] if waits else []
        )


def test_every_task_fails_at_once_for_a_wrong_setting(found: dict[str, Any]) -> None:
    for dag in found["dags"].values():
        for rules in dag["fail_at_once"]:
            assert "silkwire.errors.ConfigError" in rules


def test_a_batch_without_a_shard_still_ends(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["trigger_rules"]["parse"] == "none_failed"


def test_loading_emits_the_asset_of_the_articles(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["outlets"] == {"load": ["silkwire_articles"]}


def test_a_task_is_tried_three_times(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["retries"] == [2]


def test_ingest_feeds_can_be_serialized(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["serialized_tasks"] == 9


def test_check_warehouse_checks_and_cleans_once_a_day(found: dict[str, Any]) -> None:
    dag = found["dags"]["check_warehouse"]
    assert dag["schedule"] == "20 4 * * *"
    assert dag["catchup"] is False
    assert dag["downstream"] == {"check": [], "clean": []}


def test_refresh_marts_follows_the_asset_of_the_articles(found: dict[str, Any]) -> None:
    dag = found["dags"]["refresh_marts"]
    assert "silkwire_articles" in dag["schedule"]
    assert dag["max_active_runs"] == 1
    assert dag["downstream"] == {"build_docs": [], "refresh_statistics": []}


def test_reprocess_archive_runs_by_hand_one_part_after_the_other(found: dict[str, Any]) -> None:
    dag = found["dags"]["reprocess_archive"]
    assert dag["schedule"] == "None"
    assert dag["max_active_runs"] == 1
    assert dag["downstream"] == {"split": ["replay"], "replay": []}
    assert dag["mapped"] == ["replay"]
    assert dag["at_once"] == {"split": None, "replay": 1}


def test_what_reprocess_archive_may_be_asked_for_is_a_schema(found: dict[str, Any]) -> None:
    params = found["dags"]["reprocess_archive"]["params"]
    assert {name: schema.get("format") for name, schema in params.items()} == {
        "since": "date-time",
        "until": "date-time",
        "feeds": None,
        "ruleset": None,
    }
    for schema in params.values():
        assert schema["title"]
        assert schema["description"]


def test_review_quarantine_asks_about_one_batch_and_then_decides(found: dict[str, Any]) -> None:
    dag = found["dags"]["review_quarantine"]
    assert dag["schedule"] == "None"
    assert dag["max_active_runs"] == 1000
    assert dag["downstream"] == {"ask": ["decide"], "decide": []}
    assert dag["outlets"] == {"decide": ["silkwire_articles"]}
    assert list(dag["params"]) == ["batch_id"]
    assert dag["requests"] == {
        "ask": {
            "subject": "Batch {{ params.batch_id }} is held: release or reject it?",
            "options": ["Release", "Reject"],
            "defaults": None,
            "response_timeout": None,
        }
    }


def test_tasks_lead_to_our_pages(found: dict[str, Any]) -> None:
    links = {dag_id: dag["links"] for dag_id, dag in found["dags"].items() if dag["links"]}
    assert links == {
        "ingest_feeds": {
            "validate": ["Data Docs"],
            "load": ["Articles in the Newsroom"],
            "ask_for_review": ["Triggered DAG"],
        },
        "review_quarantine": {"decide": ["Articles in the Newsroom"]},
        "refresh_marts": {"build_docs": ["Data Docs"]},
        "check_warehouse": {"check": ["Data Docs"]},
    }


def test_airflow_takes_no_file_of_the_library_for_a_plugin_and_imports_none(
    found: dict[str, Any],
) -> None:
    assert (PLUGINS_DIR / ".airflowignore").read_text("utf-8").split() == ["silkwire/"]
    assert found["plugins"] == {
        "errors": {},
        "sources": ["$PLUGINS_FOLDER/silkwire_plugin.py"],
        "modules": ["silkwire_plugin"],
    }


def test_without_the_airflowignore_the_library_would_be_executed(
    read_airflow: Any, tmp_path: Path
) -> None:
    (tmp_path / "silkwire").mkdir()
    (tmp_path / "silkwire" / "calendar.py").write_text("raise RuntimeError('executed')\n")
    assert read_airflow(plugins=tmp_path)["plugins"]["errors"] != {}
    shutil.copy(PLUGINS_DIR / ".airflowignore", tmp_path)
    assert read_airflow(plugins=tmp_path)["plugins"]["errors"] == {}
