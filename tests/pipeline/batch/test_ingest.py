"""The whole main job over real HTTP into a real PostgreSQL."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpers.documents import AI, SPORT, TRAVEL, item, rss
from helpers.feedserver import FeedServer
from helpers.newsstand import ask
from helpers.places import SHARED
from silkwire.config import Settings
from silkwire.model import ArticleCounts, EntryCounts, FeedCounts, PlannedFeed
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
from silkwire.pipeline.batch.recover import finish_expired_batches


def test_one_batch_does_the_main_job(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI, TRAVEL, SPORT)}
    report = ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    assert report.verdict == "published"
    assert report.feeds == FeedCounts(due=1, new=1)
    assert report.entries == EntryCounts(fetched=3, accepted=2, off_topic=1)
    assert report.articles == ArticleCounts(inserted=2)
    assert ask(warehouse, "SELECT article_url, topics FROM mart.articles ORDER BY 1") == [
        ("https://o.example/ai", ["ai"]),
        ("https://o.example/visa", ["china_travel"]),
    ]
    assert ask(
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
        "second": rss(item("OpenAI shows a model that reads maps", "https://b.example/9", lead)),
    }
    ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    origins = ask(warehouse, "SELECT origin_url, copy_count FROM mart.articles WHERE is_origin")
    assert origins in [[("https://a.example/1", 1)], [("https://b.example/9", 1)]]
    assert ask(warehouse, "SELECT count(*) FROM mart.articles") == [(2,)]


def test_a_second_batch_asks_conditionally_and_doubles_nothing(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    ingest(settings, feeds_opml=opml)
    assert ingest(settings, feeds_opml=opml).feeds == FeedCounts(skipped=1)
    again = ingest(settings, feeds_opml=opml, ignore_due=True)
    assert again.feeds == FeedCounts(due=1, not_modified=1)
    assert ask(warehouse, "SELECT count(*) FROM core.article_revision") == [(1,)]


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
    assert ask(warehouse, "SELECT title_before, title_after FROM mart.article_edits") == [
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
        ask(
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
    assert ask(warehouse, "SELECT etag, body_hash, state FROM ops.feed") == [
        (None, None, "failing")
    ]
    server.documents = {"feed": rss(AI)}
    assert ingest(settings, feeds_opml=opml, ignore_due=True).articles.inserted == 1
    assert ask(warehouse, "SELECT etag IS NULL, state FROM ops.feed") == [(False, "healthy")]


def test_a_dedicated_feed_matches_its_topic_whatever_the_words(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"feed": rss(SPORT)}
    opml = server.write_opml(tmp_path / "f.opml", "topics='ai'")
    assert ingest(settings, feeds_opml=opml).articles.inserted == 1
    assert ask(warehouse, "SELECT topic, matched_text, rule FROM mart.why_matched") == [
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
    assert ask(warehouse, "SELECT error_class FROM ops.fetch") == [("refused_address",)]


def test_the_founding_story_is_kept_for_both_topics_with_spans(
    settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path
) -> None:
    seed = SHARED / "seed" / "article.txt"
    if not seed.exists():
        pytest.skip("../shared/seed is not here")
    story = seed.read_text("utf-8")
    server.documents = {"feed": rss(item(story.split(",")[0][-200:], description=story))}
    ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    assert ask(warehouse, "SELECT topics FROM mart.articles") == [(["ai", "china_travel"],)]
    assert ask(
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


def test_of_every_new_body_its_feed_is_told_and_how_often_it_failed(
    settings: Settings, server: FeedServer, tmp_path: Path
) -> None:
    server.documents = {"page": b"<p>We have moved", "feed": rss(AI)}
    opml = server.write_opml(tmp_path / "f.opml")
    told: list[tuple[str, str, int]] = []
    with open_context(settings) as ctx:
        for batch in ("first", "second"):
            plan_batch(ctx, batch_id=batch, feeds_opml=opml, ignore_due=True)

            def tell(feed: PlannedFeed, batch: str = batch) -> None:
                told.append((batch, feed.feed_url, feed.failure_count))

            fetch_shard(ctx, batch, 0, on_new=tell)
            for step in (parse_batch, match_batch, validate_batch, load_step):
                step(ctx, batch)
    page, feed = server.url("page"), server.url("feed")
    assert sorted(told) == [("first", feed, 0), ("first", page, 0), ("second", page, 1)]


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
    assert list(report) == [
        "batch_id", "verdict", "feeds", "entries", "articles", "seconds", "held_documents"
    ]  # fmt: skip
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
