"""What is removed, and what never is."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from silkwire.config import Settings
from silkwire.model import ExpectationResult
from silkwire.pipeline import open_context
from silkwire.pipeline.retention import Cleaned, clean
from silkwire.warehouse.results import save_results

NOW = datetime.now(UTC)
NOTHING = Cleaned(0, 0, ())


def clean_up(settings: Settings, now: datetime = NOW) -> Cleaned:
    with open_context(settings, now=lambda: now) as ctx:
        return clean(ctx)


def make_batch(
    engine: Engine, settings: Settings, batch_id: str, days_ago: int, verdict: str | None
) -> Path:
    """A batch that ended so long ago, with one file; `None` is a batch that is running."""
    at = NOW - timedelta(days=days_ago)
    with engine.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO ops.batch (batch_id, trigger, started_at, finished_at, state, verdict,"
                " lease_expires_at, decided_at) VALUES (:id, 'cli', :at,"
                " CASE WHEN :state = 'done' THEN CAST(:at AS timestamptz) END, :state, :verdict,"
                " :at, CASE WHEN :decided THEN CAST(:at AS timestamptz) END)"
            ),
            {
                "id": batch_id,
                "at": at,
                "state": "running" if verdict is None else "done",
                "verdict": verdict,
                "decided": verdict in {"released", "rejected"},
            },
        )
    folder = Path(settings.data_root) / "batches" / batch_id
    folder.mkdir(parents=True)
    (folder / "entries.jsonl").write_text("{}\n", "utf-8")
    return folder


def test_files_of_batches_that_are_decided_go_after_a_week(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    gone = [
        make_batch(warehouse, warehouse_settings, verdict, 8, verdict)
        for verdict in ("published", "released", "rejected")
    ]
    kept = [
        make_batch(warehouse, warehouse_settings, "recent", 6, "published"),
        make_batch(warehouse, warehouse_settings, "held", 400, "held"),
        make_batch(warehouse, warehouse_settings, "running", 400, None),
    ]
    assert clean_up(warehouse_settings) == Cleaned(0, 3, ())
    assert not any(folder.exists() for folder in gone)
    assert all((folder / "entries.jsonl").exists() for folder in kept)
    assert clean_up(warehouse_settings) == NOTHING


def test_a_folder_that_no_batch_is_known_for_stays(warehouse_settings: Settings) -> None:
    folder = Path(warehouse_settings.data_root) / "batches" / "from-elsewhere"
    folder.mkdir(parents=True)
    assert clean_up(warehouse_settings) == NOTHING
    assert folder.is_dir()


@pytest.mark.usefixtures("warehouse")
def test_without_any_batch_nothing_is_removed(warehouse_settings: Settings) -> None:
    assert clean_up(warehouse_settings) == NOTHING


def test_what_was_off_topic_is_forgotten_a_month_after_it_was_last_seen(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    with warehouse.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)"
                " VALUES ('x', 'x', :now, :now)"
            ),
            {"now": NOW},
        )
        conn.execute(
            text(
                "INSERT INTO ops.off_topic (feed_key, identity_hash, title, scores, ruleset,"
                " first_seen_at, last_seen_at, batch_id) SELECT feed_key,"
                " decode(md5(entry.name), 'hex'), entry.name, '{}', 'r', :old, entry.seen, 'b'"
                " FROM ops.feed, (VALUES ('old', CAST(:old AS timestamptz)),"
                " ('seen again', CAST(:new AS timestamptz))) AS entry (name, seen)"
            ),
            {"old": NOW - timedelta(days=31), "new": NOW - timedelta(days=29)},
        )
    assert clean_up(warehouse_settings) == Cleaned(1, 0, ())
    with warehouse.connect() as conn:
        assert conn.execute(text("SELECT title FROM ops.off_topic")).scalars().all() == [
            "seen again"
        ]


def test_results_go_month_by_month(warehouse: Engine, warehouse_settings: Settings) -> None:
    result = ExpectationResult("entry", "has_title", "title", True, 1, 0)
    with warehouse.begin() as conn:
        save_results(conn, "old", [result], now=datetime(2025, 1, 31, tzinfo=UTC))
        save_results(conn, "new", [result], now=datetime(2025, 10, 1, tzinfo=UTC))
    cleaned = clean_up(warehouse_settings, datetime(2026, 11, 23, tzinfo=UTC))
    assert "expectation_result_2025_01" in cleaned.months
    assert "expectation_result_2025_10" not in cleaned.months
    with warehouse.connect() as conn:
        ids = conn.execute(text("SELECT batch_id FROM ops.expectation_result")).scalars().all()
    assert ids == ["new"]


@pytest.mark.usefixtures("warehouse")
def test_the_command_says_what_went() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "silkwire", "db", "clean", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"off_topic_count": 0, "folder_count": 0, "months": []}
