"""The DAG files as Airflow reads them, and that it does not read the library as plugins."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from silkwire.resources import DAGS_DIR, PLUGINS_DIR


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


def test_dag_files_import_nothing_of_airflow_but_its_sdk() -> None:
    for path in DAGS_DIR.glob("*.py"):
        imports = [
            line.split()[1]
            for line in path.read_text("utf-8").splitlines()
            if line.startswith(("from airflow", "import airflow"))
        ]
        assert imports == ["airflow.sdk"]


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
        "load": [],
    }


def test_ingest_feeds_maps_nothing_but_the_fetch_of_a_shard(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["mapped"] == ["fetch"]


def test_a_batch_without_a_shard_still_ends(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["trigger_rules"]["parse"] == "none_failed"


def test_loading_emits_the_asset_of_the_articles(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["outlets"] == {"load": ["silkwire_articles"]}


def test_a_task_is_tried_three_times(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["retries"] == [2]


def test_ingest_feeds_can_be_serialized(ingest_feeds: dict[str, Any]) -> None:
    assert ingest_feeds["serialized_tasks"] == 6


def test_airflow_takes_no_file_of_the_library_for_a_plugin(found: dict[str, Any]) -> None:
    assert (PLUGINS_DIR / ".airflowignore").read_text("utf-8").split() == ["silkwire/"]
    assert found["plugins"] == {"errors": {}, "sources": [], "modules": []}


def test_without_the_airflowignore_the_library_would_be_executed(
    read_airflow: Any, tmp_path: Path
) -> None:
    (tmp_path / "silkwire").mkdir()
    (tmp_path / "silkwire" / "calendar.py").write_text("raise RuntimeError('executed')\n")
    assert read_airflow(plugins=tmp_path)["plugins"]["errors"] != {}
    shutil.copy(PLUGINS_DIR / ".airflowignore", tmp_path)
    assert read_airflow(plugins=tmp_path)["plugins"]["errors"] == {}
