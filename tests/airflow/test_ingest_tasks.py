"""The functions that the DAGs call, in the order in which the DAG calls them."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from silkwire.airflow import ingest_tasks
from silkwire.demo.publisher import Publisher
from silkwire.errors import BatchError, ConfigError, WarehouseError
from silkwire.resources import CONFIG_DIR

RUN_ID = "scheduled__2026-11-23T10:00:00+00:00"
TASK = {"dag_id": "ingest_feeds", "run_id": RUN_ID, "task_id": "fetch", "map_index": 0}


@pytest.fixture
def publisher(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Publisher]:
    """The demo's feeds on loopback, listed in this test's configuration."""
    del warehouse  # it is in the environment
    shutil.copytree(CONFIG_DIR, tmp_path / "config")
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_CONCURRENCY", "20")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    with Publisher(datetime.now(UTC)) as running:
        running.write_opml(tmp_path / "config" / "feeds.opml")
        yield running


def run_all(run_id: str = RUN_ID) -> dict[str, Any]:
    planned = ingest_tasks.plan_batch(run_id)
    for shard in planned["shards"]:
        ingest_tasks.fetch_shard(planned["batch_id"], shard["shard"], TASK)
    for step in (ingest_tasks.parse_batch, ingest_tasks.match_batch, ingest_tasks.validate_batch):
        step(planned["batch_id"])
    return ingest_tasks.load_batch(planned["batch_id"])


def count(engine: Engine, table: str) -> int:
    with engine.connect() as connection:
        return int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())


@pytest.mark.usefixtures("publisher")
def test_a_run_of_the_dag_loads_its_batch_once(warehouse: Engine) -> None:
    first = run_all()
    revision_count = count(warehouse, "core.article_revision")
    assert first["verdict"] == "published"
    assert first["articles"]["inserted"] > 0
    assert run_all() == first
    assert count(warehouse, "core.article_revision") == revision_count
    assert count(warehouse, "ops.batch") == 1


@pytest.mark.usefixtures("publisher")
def test_the_batch_id_derives_from_the_run_id(warehouse: Engine) -> None:
    assert ingest_tasks.plan_batch(RUN_ID) == ingest_tasks.plan_batch(RUN_ID)
    assert count(warehouse, "ops.batch") == 1
    assert (
        ingest_tasks.plan_batch("another")["batch_id"]
        != ingest_tasks.plan_batch(RUN_ID)["batch_id"]
    )


@pytest.mark.usefixtures("publisher")
def test_a_batch_without_a_due_feed_ends_too(warehouse: Engine) -> None:
    run_all()
    with warehouse.begin() as connection:
        connection.execute(text("UPDATE ops.feed SET next_due_at = now() + interval '1 day'"))
    assert ingest_tasks.plan_batch("next")["shards"] == []
    report = run_all("next")
    assert report["feeds"]["due"] == 0
    assert report["entries"] == {
        "fetched": 0,
        "accepted": 0,
        "unchanged": 0,
        "off_topic": 0,
        "quarantined": 0,
    }


@pytest.mark.usefixtures("publisher")
def test_a_row_of_ops_fetch_names_the_task(warehouse: Engine) -> None:
    run_all()
    with warehouse.connect() as connection:
        rows = connection.execute(
            text("SELECT DISTINCT dag_id, run_id, task_id, map_index FROM ops.fetch")
        ).all()
    assert [tuple(row) for row in rows] == [("ingest_feeds", RUN_ID, "fetch", 0)]


def test_a_database_that_is_away_fails_the_task_in_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", "postgresql://u:secret@127.0.0.1:9/none")
    with pytest.raises(WarehouseError, match=r"u@127\.0\.0\.1:9/none cannot be reached") as failed:
        ingest_tasks.plan_batch(RUN_ID)
    assert "secret" not in str(failed.value)


def test_a_mistake_in_the_feed_list_fails_the_task_with_file_and_line(
    publisher: Publisher, tmp_path: Path
) -> None:
    del publisher
    (tmp_path / "config" / "feeds.opml").write_text("<opml>\n<body>\n</opml>", "utf-8")
    with pytest.raises(ConfigError, match=r"feeds\.opml:3: "):
        ingest_tasks.plan_batch(RUN_ID)


def test_a_list_that_was_emptied_by_mistake_fails_the_task_and_leaves_every_feed(
    warehouse: Engine, publisher: Publisher, tmp_path: Path
) -> None:
    del publisher
    path = tmp_path / "config" / "feeds.opml"
    outlines = "".join(f"<outline xmlUrl='https://h{n}.example/'/>" for n in range(10))
    path.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", "utf-8")
    ingest_tasks.plan_batch(RUN_ID)
    path.write_text("<opml version='2.0'><body></body></opml>", "utf-8")
    with pytest.raises(ConfigError, match="10 of the 10 feeds are no longer in the list"):
        ingest_tasks.plan_batch("another")
    with warehouse.connect() as connection:
        states = connection.execute(text("SELECT DISTINCT state FROM ops.feed")).scalars().all()
    assert states == ["healthy"]


@pytest.mark.usefixtures("warehouse")
def test_a_step_of_a_batch_that_was_never_planned_fails() -> None:
    with pytest.raises(BatchError):
        ingest_tasks.parse_batch("nobody")


@pytest.mark.usefixtures("publisher")
def test_after_a_load_statistics_and_data_docs_are_renewed(warehouse: Engine) -> None:
    run_all()
    analyzed = ingest_tasks.refresh_statistics()["analyzed"]
    assert "core.fact_article" in analyzed
    assert count(warehouse, "pg_stats WHERE tablename = 'fact_article'") > 0
    built = ingest_tasks.build_docs()
    assert (built["run_count"], built["page_count"]) == (2, 6)
    assert Path(built["index"]).is_file()
