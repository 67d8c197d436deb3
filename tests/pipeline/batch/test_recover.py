"""What goes wrong in the middle of a batch is one sentence, and the next run mends it."""

import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from helpers.documents import AI, SPORT, TRAVEL, rss
from helpers.feedserver import FeedServer
from helpers.newsstand import ask
from silkwire.config import Settings
from silkwire.errors import StorageError, WarehouseError
from silkwire.pipeline import (
    fetch_shard,
    ingest,
    load_step,
    match_batch,
    open_context,
    parse_batch,
    plan_batch,
    validate_batch,
)
from silkwire.warehouse.tables.batches import lock_batch


def test_a_batch_whose_files_are_gone_is_abandoned_and_its_feeds_are_due_again(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx:
        plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
        ctx.folder("b").remove()
    assert ingest(settings, feeds_opml=opml).articles.inserted == 1
    assert ask(warehouse, "SELECT state FROM ops.batch WHERE batch_id = 'b'") == [("abandoned",)]


def test_a_batch_whose_files_cannot_be_written_waits_for_room_however_often_it_is_tried(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx:
        plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
    blocked = Path(settings.data_root) / "batches" / "b" / "entries.jsonl"
    blocked.mkdir()  # root may write everywhere
    for _ in range(4):
        with pytest.raises(StorageError, match=r"batches/b cannot be written: .+entries\.jsonl"):
            ingest(settings, feeds_opml=opml)
    blocked.rmdir()
    ingest(settings, feeds_opml=opml)
    batch = "SELECT state, inserted_count FROM ops.batch WHERE batch_id = 'b'"
    assert ask(warehouse, batch) == [("done", 1)]


def test_a_load_that_lost_its_lock_does_not_repeat_what_another_run_has_loaded(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx, ThreadPoolExecutor() as threads:
        plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
        for step in (partial(fetch_shard, shard=0), parse_batch, match_batch, validate_batch):
            step(ctx, "b")
        with warehouse.begin() as conn:
            lock_batch(conn, "b")
            loading = threads.submit(load_step, ctx, "b")
            while not ask(warehouse, "SELECT FROM pg_locks WHERE NOT granted"):
                time.sleep(0.01)
            conn.execute(
                text(
                    "UPDATE ops.batch SET state = 'done', verdict = 'published',"
                    " finished_at = started_at"
                )
            )
        loading.result()
    assert ask(warehouse, "SELECT count(*) FROM core.fact_article") == [(0,)]


def test_a_clock_that_was_set_back_neither_loses_nor_doubles_a_text(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    for document, hours in ((rss(AI), 0), (rss(AI.replace("a new", "its best"), TRAVEL), -2)):
        server.documents = {"feed": document}
        opml = server.write_opml(tmp_path / "f.opml")
        now = at + timedelta(hours=hours)
        ingest(settings, feeds_opml=opml, ignore_due=True, now=lambda now=now: now)
    assert ask(warehouse, "SELECT title, edit_count FROM mart.articles ORDER BY title") == [
        ("China extends visa-free entry to ten more countries", 0),
        ("OpenAI releases its best artificial intelligence model", 1),
    ]
    assert ask(warehouse, "SELECT sum(difference_count) FROM mart.batch_reconciliation") == [(0,)]


def test_a_connection_that_is_cut_is_one_sentence(settings: Settings) -> None:
    sentence = "^the warehouse silkwire@.+ failed: terminating connection due to administrator"
    with pytest.raises(WarehouseError, match=sentence), open_context(settings) as ctx:
        ask(ctx.engine, "SELECT pg_terminate_backend(pg_backend_pid())")


KILLED = """
import os, signal, sys
from silkwire.config import read_settings
import silkwire.pipeline.batch.run_step as running
import silkwire.pipeline.batch.steps as steps, silkwire.pipeline.batch.load as load
from silkwire.pipeline import ingest
from pathlib import Path

moment = sys.argv[2]
real = running.run_step

def run_step(ctx, batch_id, step, work):
    if moment == f"before {step}":
        os.kill(os.getpid(), signal.SIGKILL)
    def killed_work():
        report = work()
        if moment == f"after the work of {step}":
            os.kill(os.getpid(), signal.SIGKILL)
        return report
    return real(ctx, batch_id, step, killed_work)

steps.run_step = load.run_step = run_step
ingest(read_settings(), feeds_opml=Path(sys.argv[1]), ignore_due=True)
"""


TABLES = (
    "SELECT identity_hash, canonical_url, published_raw FROM core.fact_article ORDER BY 1",
    "SELECT text_hash, revision_number, kind, title FROM core.article_revision ORDER BY 1, 2",
    "SELECT guid, link, text_hash, left_at FROM core.fact_sighting ORDER BY 1",
    "SELECT score, is_match FROM core.fact_topic_match ORDER BY match_key",
    "SELECT text, rule, start_offset FROM core.topic_evidence ORDER BY match_key, span_number",
    "SELECT title, topics, edit_count, feed_count FROM mart.articles ORDER BY title",
)


@pytest.mark.parametrize(
    "moment",
    ["before fetch 0", "after the work of fetch 0", "before match", "after the work of load"],
)
def test_killed_at_any_moment_the_next_run_leaves_the_same_rows(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path, moment: str
) -> None:
    server.documents = {"a": rss(AI, TRAVEL, SPORT), "b": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    _ingest_until(moment, opml)
    killed = ask(warehouse, "SELECT state FROM ops.batch")
    assert killed == [("done" if moment == "after the work of load" else "running",)]
    ingest(settings, feeds_opml=opml, ignore_due=True)
    after_kill = [ask(warehouse, statement) for statement in TABLES]
    assert len(after_kill[0]) == 2
    assert ask(warehouse, "SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]
    with warehouse.begin() as conn:
        conn.execute(
            text(
                "TRUNCATE ops.batch, ops.fetch, ops.feed, core.fact_article, core.dim_feed CASCADE"
            )
        )
    ingest(settings, feeds_opml=opml, ignore_due=True)
    assert [ask(warehouse, statement) for statement in TABLES] == after_kill


def _ingest_until(moment: str, opml: Path) -> None:
    """Run a batch in a process of its own, which is killed at this moment."""
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(opml), moment],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
