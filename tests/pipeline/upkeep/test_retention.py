"""Retention: what `silkwire db clean` removes, and what it never removes."""

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
from silkwire.pipeline.upkeep.retention import Cleaned, clean
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables.results import save_results

NOW = datetime.now(UTC)
NOTHING = Cleaned(0, 0, 0, 0, ())


def clean_up(settings: Settings, now: datetime = NOW) -> Cleaned:
    with open_context(settings, now=lambda: now) as ctx:
        return clean(ctx)


def make_batch(
    engine: Engine, settings: Settings, batch_id: str, days_ago: int, verdict: str | None
) -> Path:
    """A batch that ended `days_ago`, with one file in its folder; without verdict it is running."""
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


def test_folders_of_batches_that_are_decided_are_removed_after_a_week(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    gone = [
        make_batch(warehouse, warehouse_settings, verdict, 8, verdict)
        for verdict in ("published", "released", "rejected")
    ]
    kept = [
        make_batch(warehouse, warehouse_settings, "recent", 6, "published"),
        make_batch(warehouse, warehouse_settings, "held", 7, "held"),
        make_batch(warehouse, warehouse_settings, "running", 400, None),
    ]
    assert clean_up(warehouse_settings) == Cleaned(0, 0, 3, 0, ())
    assert not any(folder.exists() for folder in gone)
    assert all((folder / "entries.jsonl").exists() for folder in kept)
    assert clean_up(warehouse_settings) == NOTHING


def test_folders_of_batches_that_ended_after_a_held_one_began_stay_while_it_is_held(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    make_batch(warehouse, warehouse_settings, "held", 300, "held")
    earlier = make_batch(warehouse, warehouse_settings, "earlier", 400, "published")
    later = make_batch(warehouse, warehouse_settings, "later", 200, "published")
    assert clean_up(warehouse_settings).folder_count == 1
    assert (earlier.exists(), later.exists()) == (False, True)


def test_a_folder_without_a_batch_in_the_warehouse_stays(warehouse_settings: Settings) -> None:
    folder = Path(warehouse_settings.data_root) / "batches" / "from-elsewhere"
    folder.mkdir(parents=True)
    assert clean_up(warehouse_settings) == NOTHING
    assert folder.is_dir()


@pytest.mark.usefixtures("warehouse")
def test_without_any_batch_nothing_is_removed(warehouse_settings: Settings) -> None:
    assert clean_up(warehouse_settings) == NOTHING


def test_an_off_topic_entry_is_purged_a_month_after_it_was_last_seen(
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
    assert clean_up(warehouse_settings) == Cleaned(1, 0, 0, 0, ())
    with warehouse.connect() as conn:
        assert conn.execute(text("SELECT title FROM ops.off_topic")).scalars().all() == [
            "seen again"
        ]


def test_decided_records_that_are_no_longer_shown_are_purged_open_ones_only_if_asked(
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
                "INSERT INTO ops.quarantine (feed_key, fingerprint, batch_id, fetched_at, title,"
                " payload, status, last_seen_at, decided_at) SELECT feed_key,"
                " convert_to(name, 'UTF8'), 'b', :old, name, '{}', status, seen, decided"
                " FROM ops.feed, (VALUES ('gone', 'rejected', CAST(:old AS timestamptz), :old),"
                " ('shown', 'rejected', :new, :old), ('decided', 'released', :old, :new),"
                " ('open', 'open', :old, NULL)) AS record (name, status, seen, decided)"
            ),
            {"old": NOW - timedelta(days=91), "new": NOW - timedelta(days=89)},
        )
    assert clean_up(warehouse_settings) == Cleaned(0, 1, 0, 0, ())
    assert list_records(warehouse) == ["decided", "open", "shown"]
    asked = warehouse_settings.model_copy(update={"keep_open_days": 90})
    assert clean_up(asked) == Cleaned(0, 1, 0, 0, ())
    assert list_records(warehouse) == ["decided", "shown"]


def list_records(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT title FROM ops.quarantine ORDER BY 1")).scalars())


def test_results_are_dropped_by_month(warehouse: Engine, warehouse_settings: Settings) -> None:
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


def archive(settings: Settings, batch_id: str, days_ago: int) -> set[Path]:
    """Empty files in the archive, named as those of a shard and of the decision."""
    at = NOW - timedelta(days=days_ago)
    folder = Path(settings.data_root) / f"archive/{at:%Y/%m/%d}"
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{batch_id}-{part}.warc.gz" for part in ("000", "decision")}
    for file in files:
        file.touch()
    return files


def list_archive(settings: Settings) -> set[Path]:
    return {p for p in (Path(settings.data_root) / "archive").rglob("*") if p.is_file()}


def test_the_archive_is_kept_for_ever_unless_a_setting_limits_it(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    make_batch(warehouse, warehouse_settings, "old", 4_000, "published")
    kept = archive(warehouse_settings, "old", 4_000)
    assert clean_up(warehouse_settings).archive_file_count == 0
    assert list_archive(warehouse_settings) == kept


def test_archive_files_are_removed_when_they_are_old_and_nothing_in_them_is_undecided(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    settings = warehouse_settings.model_copy(update={"keep_archive_days": 90})
    kept = archive(settings, "unknown-here", 400)
    for name, days_ago, verdict in (
        ("published", 91, "published"),
        ("rejected", 91, "rejected"),
        ("decided-record", 91, "published"),
        ("recent", 89, "published"),
        ("open-record", 400, "published"),
        ("held", 400, "held"),
        ("running", 400, None),
    ):
        make_batch(warehouse, settings, name, days_ago, verdict)
        files = archive(settings, name, days_ago)
        kept |= set() if days_ago == 91 else files
    add_record(warehouse, "open-record", "open")
    add_record(warehouse, "decided-record", "rejected")
    assert clean_up(settings).archive_file_count == 6
    assert list_archive(settings) == kept
    day = NOW - timedelta(days=91)
    assert not (Path(settings.data_root) / f"archive/{day:%Y/%m/%d}").exists()
    assert clean_up(settings).archive_file_count == 0


def add_record(engine: Engine, batch_id: str, status: str) -> None:
    with engine.begin() as conn:
        conn.execute(
            text(
                "WITH feed AS (INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at)"
                " VALUES (:batch, :batch, :now, :now) RETURNING feed_key)"
                " INSERT INTO ops.quarantine (feed_key, fingerprint, batch_id, fetched_at, payload,"
                " last_seen_at, status, reviewer, decided_at) SELECT feed_key, 'x', :batch, :now,"
                " '{}', :now, :status, signed.reviewer, signed.at FROM feed LEFT JOIN"
                " (SELECT 'ann' AS reviewer, CAST(:now AS timestamptz) AS at) AS signed"
                " ON :status <> 'open'"
            ),
            {"batch": batch_id, "now": NOW, "status": status},
        )


def test_archive_files_stay_while_the_batch_that_replayed_them_is_held(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    settings = warehouse_settings.model_copy(update={"keep_archive_days": 90})
    for original, verdict in (("first", "published"), ("second", "held")):
        make_batch(warehouse, settings, f"{original}-replay-1", 100, verdict)
        with warehouse.begin() as conn:
            conn.execute(
                text(
                    "UPDATE ops.batch SET step_reports = jsonb_build_object('plan',"
                    " jsonb_build_object('replays', CAST(:original AS text)))"
                    " WHERE batch_id = :original || '-replay-1'"
                ),
                {"original": original},
            )
    archive(settings, "first", 100)
    kept = archive(settings, "second", 100)
    assert clean_up(settings).archive_file_count == 2
    assert list_archive(settings) == kept


def test_nothing_is_removed_from_the_archive_while_it_is_replayed(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    settings = warehouse_settings.model_copy(update={"keep_archive_days": 90})
    make_batch(warehouse, settings, "old", 100, "published")
    archive(settings, "old", 100)
    with hold_lock(warehouse, "replay", is_waiting=False):
        assert clean_up(settings).archive_file_count == 0
    assert clean_up(settings).archive_file_count == 2


@pytest.mark.usefixtures("warehouse")
def test_the_command_reports_what_it_removed() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "silkwire", "db", "clean", "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {
        "off_topic_count": 0,
        "quarantine_count": 0,
        "folder_count": 0,
        "archive_file_count": 0,
        "months": [],
    }
