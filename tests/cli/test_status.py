"""`silkwire status`: one look, and exit code 1 if something needs a person."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from silkwire.cli.app import app
from silkwire.config import read_settings


def look(*args: str, code: int) -> str:
    result = CliRunner().invoke(app, ["status", *args])
    assert result.exit_code == code, result.output
    return result.stdout


def look_json(*, code: int) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(look("--json", code=code))
    return found


def execute(engine: Engine, statement: str) -> None:
    with engine.begin() as conn:
        conn.execute(text(statement))


@pytest.fixture
def newsroom(warehouse: Engine) -> Engine:
    """A batch ended a minute ago; of four feeds all are well and one is due."""
    execute(
        warehouse,
        """
        INSERT INTO ops.batch (
            batch_id, trigger, started_at, lease_expires_at, finished_at, state, verdict
        )
        SELECT 'b', 'cli', t, t, t, 'done', 'published'
        FROM (SELECT now() - interval '61 s' AS t) AS past;
        INSERT INTO ops.feed (
            feed_url, fetch_url, next_due_at, created_at, last_fetched_at, last_success_at
        )
        SELECT url, url, now() + (n - 1.5) * interval '1 hour', past, past, past
        FROM (
            SELECT n, 'https://h' || n || '.example/' AS url, now() - interval '61 s' AS past
            FROM generate_series(1, 4) AS n
        ) AS feed
        """,
    )
    return warehouse


def test_before_the_first_batch_it_says_what_to_do(warehouse: Engine) -> None:
    out = look(code=1)
    assert "feeds            none yet: the first batch reads the list" in out
    assert "! No batch has run yet: run `silkwire ingest` or `silkwire up`." in out


def test_when_all_is_well_it_says_so_and_exits_0(newsroom: Engine) -> None:
    lines = look(code=0).splitlines()
    assert lines[:2] == [
        "last batch       1 minute ago, published",
        "last good fetch  1 minute ago",
    ]
    assert "feeds            4 (0 failing, 0 gone)" in lines
    assert "due now          1" in lines
    (disk,) = [line for line in lines if line.startswith("disk ")]
    assert " GB free, warehouse " in disk
    assert lines[-1] == "✓ Nothing needs a person."
    assert [line for line in lines if line.endswith(" ")] == []


def test_json_is_one_object_with_the_same(newsroom: Engine) -> None:
    found = look_json(code=0)
    assert (found["feed_count"], found["feeds_due_count"], found["concerns"]) == (4, 1, [])
    assert found["last_batch_verdict"] == "published"
    assert found["free_bytes"] > 0


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE ops.feed SET state = 'failing', failure_count = 1 WHERE feed_url < 'https://h4'",
            "3 of 4 feeds fail: is the network up?",
        ),
        (
            "UPDATE ops.feed SET last_fetched_at = now(), last_success_at = now() - interval '2 h'",
            "4 feeds could not be reached, nor any other for 2.0 hours: is the network up?",
        ),
        (
            "UPDATE ops.batch SET finished_at = now() - interval '3 h'",
            "No batch has ended for 3.0 hours: is the scheduler running?",
        ),
        (
            "UPDATE ops.batch SET verdict = 'held'",
            "1 batch waits for a decision: `silkwire quarantine list`.",
        ),
    ],
)
def test_what_needs_a_person_is_a_sentence_and_exit_code_1(
    newsroom: Engine, statement: str, sentence: str
) -> None:
    execute(newsroom, statement)
    assert look_json(code=1)["concerns"] == [sentence]
    assert f"! {sentence}" in " ".join(look(code=1).split())


def test_a_feed_or_two_that_fail_need_nobody(newsroom: Engine) -> None:
    execute(
        newsroom,
        "UPDATE ops.feed SET state = 'failing', failure_count = 9 WHERE feed_url < 'https://h3'",
    )
    assert look_json(code=0)["feeds_failing_count"] == 2


def test_little_disk_is_a_concern(newsroom: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKWIRE_STATUS_MIN_FREE_BYTES", "1000000000000000000")
    (sentence,) = look_json(code=1)["concerns"]
    assert sentence.startswith("Only ")
    assert sentence.endswith(" GB are free for the archive.")


def write_list(folder: Path, monkeypatch: pytest.MonkeyPatch, document: str) -> Path:
    config = folder / "config"
    shutil.copytree(read_settings().config_dir, config)
    (config / "feeds.opml").write_text(document)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(config))
    return config / "feeds.opml"


def test_a_feed_list_that_cannot_be_read_is_a_concern(
    newsroom: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_list(tmp_path, monkeypatch, "<opml>\n<body>\n<outline></body></opml>")
    (sentence,) = look_json(code=1)["concerns"]
    assert sentence.startswith(
        f"No batch can begin before this is mended: {path}:3: not well-formed XML: "
    )


def test_a_feed_list_that_lost_most_feeds_is_a_concern_and_so_is_an_empty_one(
    newsroom: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = write_list(tmp_path, monkeypatch, "<opml version='2.0'><body></body></opml>")
    assert look_json(code=1)["concerns"] == [
        f"{path}: there is no feed in the list: nothing is fetched."
    ]
    execute(
        newsroom,
        """
        INSERT INTO ops.feed (feed_url, fetch_url, next_due_at, created_at, last_success_at)
        SELECT 'https://n' || n, 'https://n' || n, now(), now(), now()
        FROM generate_series(1, 6) AS n
        """,
    )
    assert look_json(code=1)["concerns"] == [
        f"{path}: 10 of the 10 feeds are no longer in the list, so no batch begins. Put them back"
        " or, if this is meant, run `silkwire ingest --yes` once."
    ]
