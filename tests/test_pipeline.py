"""The whole main job over real HTTP into a real PostgreSQL."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from sqlalchemy import Engine, text

from feedserver import FeedServer
from silkwire.config import Settings, read_settings
from silkwire.errors import StorageError, WarehouseError
from silkwire.model import ArticleCounts, EntryCounts, FeedCounts
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
from silkwire.pipeline.ingest import finish_expired_batches
from silkwire.warehouse.batches import lock_batch

SHARED = Path(__file__).parents[1].parent / "shared"


def rss(*items: str) -> bytes:
    body = "".join(items)
    return f"<rss version='2.0'><channel><title>t</title>{body}</channel></rss>".encode()


def item(title: str, link: str = "https://o.example/1", description: str = "") -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{escape(description)}</description></item>"
    )


AI = item("OpenAI releases a new artificial intelligence model", "https://o.example/ai")
TRAVEL = item("China extends visa-free entry to ten more countries", "https://o.example/visa")
SPORT = item("Local team wins the cup", "https://o.example/cup")


@pytest.fixture
def settings(warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_CONCURRENCY", "100")
    return read_settings()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as feeds:
        yield feeds


def query(engine: Engine, statement: str) -> list[tuple[Any, ...]]:
    with engine.begin() as conn:
        return [tuple(row) for row in conn.execute(text(statement))]


def test_one_batch_does_the_main_job(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI, TRAVEL, SPORT)}
    report = ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    assert report.verdict == "published"
    assert report.feeds == FeedCounts(due=1, new=1)
    assert report.entries == EntryCounts(fetched=3, accepted=2, off_topic=1)
    assert report.articles == ArticleCounts(inserted=2)
    assert query(warehouse, "SELECT article_url, topics FROM mart.articles ORDER BY 1") == [
        ("https://o.example/ai", ["ai"]),
        ("https://o.example/visa", ["china_travel"]),
    ]
    assert query(
        warehouse,
        "SELECT count(*) FROM core.topic_evidence AS evidence"
        " JOIN core.fact_topic_match USING (match_key) JOIN core.article_revision AS revision"
        " USING (revision_key) WHERE evidence.text <> substr(CASE field WHEN 'title' THEN title"
        " ELSE summary END, start_offset + 1, end_offset - start_offset)",
    ) == [(0,)]


def test_a_text_under_another_feeds_url_is_linked_to_the_first(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    lead = (
        "OpenAI has released an artificial intelligence model that reads maps, it said on Monday."
    )
    server.documents = {
        "first": rss(item("OpenAI shows a model that reads maps", "https://a.example/1", lead)),
        "second": rss(item("OpenAI model finds its way", "https://b.example/9", lead)),
    }
    ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    origins = query(warehouse, "SELECT origin_url, copy_count FROM mart.articles WHERE is_origin")
    assert origins in [[("https://a.example/1", 1)], [("https://b.example/9", 1)]]
    assert query(warehouse, "SELECT count(*) FROM mart.articles") == [(2,)]


def test_a_second_batch_asks_conditionally_and_doubles_nothing(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    ingest(settings, feeds_opml=opml)
    assert ingest(settings, feeds_opml=opml).feeds == FeedCounts(skipped=1)
    again = ingest(settings, feeds_opml=opml, ignore_due=True)
    assert again.feeds == FeedCounts(due=1, not_modified=1)
    assert query(warehouse, "SELECT count(*) FROM core.article_revision") == [(1,)]


def test_without_validators_an_unchanged_body_is_recognised_by_its_hash(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.is_conditional = False
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    ingest(settings, feeds_opml=opml)
    assert ingest(settings, feeds_opml=opml, ignore_due=True).feeds == FeedCounts(
        due=1, unchanged_body=1
    )


def test_an_edited_headline_is_a_revision(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    ingest(settings, feeds_opml=opml)
    server.documents = {"feed": rss(AI.replace("a new", "its best"))}
    assert ingest(settings, feeds_opml=opml, ignore_due=True).articles == ArticleCounts(revised=1)
    assert query(warehouse, "SELECT title_before, title_after FROM mart.article_edits") == [
        (
            "OpenAI releases a new artificial intelligence model",
            "OpenAI releases its best artificial intelligence model",
        )
    ]


def test_failures_of_the_world_are_rows_and_the_batch_goes_on(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    html = b"<!doctype html><html><head><title>x</title></head><body>no feed</body></html>"
    server.documents = {
        "good": rss(AI),
        "html": html,
        "empty": b"",
        "nonsense": b"\x00\x01 not a feed at all",
        "cut": rss(AI, TRAVEL)[:-60],
        "huge": b"<rss><channel><item><title>" + b"x" * 30_000_000,
        "missing": b"",
    }
    opml = server.write_opml(tmp_path / "f.opml")
    del server.documents["missing"]
    report = ingest(settings, feeds_opml=opml)
    assert report.feeds == FeedCounts(due=7, new=2, failed=5)
    assert report.articles == ArticleCounts(inserted=2)
    found = dict(
        query(
            warehouse,
            "SELECT regexp_replace(fetch_url, '.*/', ''), error_class FROM ops.fetch"
            " WHERE outcome = 'failed'",
        )
    )
    assert found == {
        "html": "html",
        "empty": "empty_body",
        "nonsense": "not_a_feed",
        "huge": "body_too_large",
        "missing": "client_error",
    }


def test_a_failed_parse_moves_no_validators_and_later_entries_are_not_lost(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": b"<html><body>busy</body></html>"}
    opml = server.write_opml(tmp_path / "f.opml")
    ingest(settings, feeds_opml=opml)
    assert query(warehouse, "SELECT etag, body_hash, state FROM ops.feed") == [
        (None, None, "failing")
    ]
    server.documents = {"feed": rss(AI)}
    assert ingest(settings, feeds_opml=opml, ignore_due=True).articles.inserted == 1
    assert query(warehouse, "SELECT etag IS NULL, state FROM ops.feed") == [(False, "healthy")]


def test_a_dedicated_feed_matches_its_topic_whatever_the_words(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(SPORT)}
    opml = server.write_opml(tmp_path / "f.opml", "topics='ai'")
    assert ingest(settings, feeds_opml=opml).articles.inserted == 1
    assert query(warehouse, "SELECT topic, matched_text, rule FROM mart.why_matched") == [
        ("ai", None, "dedicated_feed")
    ]


def test_a_redirect_to_a_private_address_is_refused_by_default(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    guarded = settings.model_copy(update={"fetch_allow_private": ()})
    report = ingest(guarded, feeds_opml=opml)
    assert report.feeds == FeedCounts(due=1, failed=1)
    assert query(warehouse, "SELECT error_class FROM ops.fetch") == [("refused_address",)]


def test_the_founding_story_is_kept_for_both_topics_with_spans(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    seed = SHARED / "seed" / "article.txt"
    if not seed.exists():
        pytest.skip("../shared/seed is not here")
    story = seed.read_text("utf-8")
    server.documents = {"feed": rss(item(story.split(",")[0][-200:], description=story))}
    ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    assert query(warehouse, "SELECT topics FROM mart.articles") == [(["ai", "china_travel"],)]
    assert query(
        warehouse,
        "SELECT topic, count(*) > 0 FROM mart.why_matched WHERE matched_text IS NOT NULL"
        " GROUP BY topic ORDER BY topic",
    ) == [("ai", True), ("china_travel", True)]


def test_each_step_runs_once_however_often_it_is_called(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx:
        plan = plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
        assert plan == plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
        first = fetch_shard(ctx, "b", 0)
        assert fetch_shard(ctx, "b", 0) == first


def test_nothing_is_prepared_for_what_was_no_feed_the_last_time(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"page": b"<p>We have moved"}
    opml = server.write_opml(tmp_path / "f.opml")
    prepared: list[str] = []
    with open_context(settings) as ctx:
        for batch in ("first", "second"):
            plan_batch(ctx, batch_id=batch, feeds_opml=opml, ignore_due=True)
            fetched = fetch_shard(ctx, batch, 0, on_new=partial(prepared.append, batch))
            assert fetched["new"] == 1
            for step in (parse_batch, match_batch, validate_batch, load_step):
                step(ctx, batch)
    assert prepared == ["first"]


def test_an_airflow_batch_that_rests_between_tasks_is_not_taken_over(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx:
        plan_batch(ctx, batch_id="b", trigger="airflow", feeds_opml=opml, ignore_due=True)
        assert finish_expired_batches(ctx) == ()
        late = replace(ctx, now=lambda: datetime(2100, 1, 1, tzinfo=UTC))
        assert finish_expired_batches(late) == ("b",)
        assert load_step(ctx, "b").articles.inserted == 1


def test_a_batch_whose_files_are_gone_is_abandoned_and_its_feeds_are_due_again(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    with open_context(settings) as ctx:
        plan_batch(ctx, batch_id="b", feeds_opml=opml, ignore_due=True)
        ctx.folder("b").remove()
    assert ingest(settings, feeds_opml=opml).articles.inserted == 1
    assert query(warehouse, "SELECT state FROM ops.batch WHERE batch_id = 'b'") == [("abandoned",)]


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
    assert query(warehouse, batch) == [("done", 1)]


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
            while not query(warehouse, "SELECT FROM pg_locks WHERE NOT granted"):
                time.sleep(0.01)
            conn.execute(
                text(
                    "UPDATE ops.batch SET state = 'done', verdict = 'published',"
                    " finished_at = started_at"
                )
            )
        loading.result()
    assert query(warehouse, "SELECT count(*) FROM core.fact_article") == [(0,)]


def test_a_clock_that_was_set_back_neither_loses_nor_doubles_a_text(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC)
    for document, hours in ((rss(AI), 0), (rss(AI.replace("a new", "its best"), TRAVEL), -2)):
        server.documents = {"feed": document}
        opml = server.write_opml(tmp_path / "f.opml")
        now = at + timedelta(hours=hours)
        ingest(settings, feeds_opml=opml, ignore_due=True, now=lambda now=now: now)
    assert query(warehouse, "SELECT title, edit_count FROM mart.articles ORDER BY title") == [
        ("China extends visa-free entry to ten more countries", 0),
        ("OpenAI releases its best artificial intelligence model", 1),
    ]
    assert query(warehouse, "SELECT sum(difference_count) FROM mart.batch_reconciliation") == [(0,)]


def test_a_connection_that_is_cut_is_one_sentence(settings: Settings) -> None:
    sentence = "^the warehouse silkwire@.+ failed: terminating connection due to administrator"
    with pytest.raises(WarehouseError, match=sentence), open_context(settings) as ctx:
        query(ctx.engine, "SELECT pg_terminate_backend(pg_backend_pid())")


KILLED = """
import os, signal, sys
from silkwire.config import read_settings
import silkwire.pipeline.running as running
import silkwire.pipeline.steps as steps, silkwire.pipeline.load as load
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
    del settings
    server.documents = {"a": rss(AI, TRAVEL, SPORT), "b": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    _run(KILLED, opml, moment, -signal.SIGKILL)
    killed = query(warehouse, "SELECT state FROM ops.batch")
    assert killed == [("done" if moment == "after the work of load" else "running",)]
    _run(KILLED, opml, "never", 0)
    after_kill = [query(warehouse, statement) for statement in TABLES]
    assert len(after_kill[0]) == 2
    assert query(warehouse, "SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]
    with warehouse.begin() as conn:
        conn.execute(
            text(
                "TRUNCATE ops.batch, ops.fetch, ops.feed, core.fact_article, core.dim_feed CASCADE"
            )
        )
    _run(KILLED, opml, "never", 0)
    assert [query(warehouse, statement) for statement in TABLES] == after_kill


def _run(code: str, opml: Path, moment: str, exit_code: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", code, str(opml), moment],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == exit_code, done.stderr


def test_the_command_prints_one_json_object_and_exits_3_if_every_due_feed_failed(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    del settings
    server.documents = {"feed": rss(AI), "gone": b""}
    opml = server.write_opml(tmp_path / "f.opml")
    del server.documents["gone"]
    good = _silkwire("ingest", "--feeds", str(opml), "--json")
    assert good.returncode == 0
    report = json.loads(good.stdout)
    assert list(report) == ["batch_id", "verdict", "feeds", "entries", "articles", "seconds"]
    assert list(report["seconds"]) == ["fetch", "parse", "match", "validate", "load"]
    server.documents = {}
    assert _silkwire("ingest", "--feeds", str(opml), "--all").returncode == 3


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del settings
    monkeypatch.setenv("SILKWIRE_FETCH_DEADLINE", "soon")
    done = _silkwire("ingest")
    assert done.returncode == 2
    assert "SILKWIRE_FETCH_DEADLINE" in done.stderr
    assert "Traceback" not in done.stderr


def test_no_warehouse_is_one_sentence_and_exit_code_1(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    del settings
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", "postgresql://nobody:pw@127.0.0.1:1/none")
    done = _silkwire("ingest")
    assert done.returncode == 1
    assert "pw" not in done.stderr
    assert "Traceback" not in done.stderr


def _silkwire(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "silkwire", *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
