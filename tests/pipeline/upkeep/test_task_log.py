"""The lines of a task's log, the event of the asset, and the name of a shard."""

import asyncio
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from silkwire.airflow import ingest_tasks
from silkwire.config import Settings
from silkwire.feeds.shards import name_shard
from silkwire.model import ArticleCounts, BatchReport, HeldDocument, PlannedFeed
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.upkeep.assets import describe_articles
from silkwire.pipeline.upkeep.task_log import (
    describe_batch,
    describe_report,
    describe_verdict,
    escape_line,
)
from silkwire.resources import CONFIG_DIR

FEED = (
    b"<rss version='2.0'><channel><title>t</title>"
    b"<item><title>OpenAI hires</title><link>https://o.example/1</link></item>"
    b"<item><link>https://o.example/2</link><description>ChatGPT</description></item>"
    b"</channel></rss>"
)


def name(*urls: str) -> str:
    return name_shard([PlannedFeed(n, url, url) for n, url in enumerate(urls)])


def test_a_report_has_one_line_per_figure() -> None:
    report = {"verdict": "published", "entries": {"fetched": 2, "off_topic": 1}, "months": ("a",)}
    assert list(describe_report(report)) == [
        "verdict: published",
        "entries fetched: 2",
        "entries off topic: 1",
        "months: 1",
        "  a",
    ]


def test_log_says_what_a_held_batch_would_load_and_which_documents_are_held() -> None:
    held = BatchReport("b", "held", articles=ArticleCounts(inserted=32))
    lines = list(describe_batch(held))
    assert "articles that would be inserted: 32" in lines
    assert "articles inserted: 32" not in lines
    document = HeldDocument("https://a.example/x_y", "60 entries would be accepted")
    published = BatchReport("b", "published", held_documents=(document,))
    assert list(describe_batch(published))[-1] == (
        "held document https://a.example/x_y: 60 entries would be accepted"
    )


def test_a_text_cannot_start_a_new_line_or_reverse_one() -> None:
    assert escape_line("a\nERROR b\x1b[31m\u202e 中国") == "a\\u000aERROR b\\u001b[31m\\u202e 中国"


def test_a_shard_is_named_after_its_largest_hosts() -> None:
    assert name("https://a.example/1") == "a.example"
    assert name("https://a.example/1", "https://b.example/1", "https://b.example/2") == (
        "b.example, a.example"
    )
    many = [f"https://{letter}.example/" for letter in "abcde"]
    assert name(*many) == "a.example, b.example, c.example and 2 hosts more"
    assert name(*many[:4]) == "a.example, b.example, c.example and 1 host more"


def test_no_host_is_a_template_of_the_scheduler() -> None:
    assert name("https://{{conf}}.example/") == "??conf??.example"


def test_the_log_of_a_load_names_failed_expectations_and_the_asset_counts_rows(
    warehouse_settings: Settings, warehouse: Engine, tmp_path: Path
) -> None:
    settings = warehouse_settings.model_copy(
        update={"fetch_allow_private": (ip_network("127.0.0.0/8"),), "fetch_host_pause": 0.0}
    )
    with FeedServer({"feed": FEED}) as server:
        report = ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    with warehouse.connect() as conn:
        loaded_at = conn.execute(text("SELECT loaded_at FROM core.article_revision")).scalar_one()
    with open_context(settings) as ctx:
        assert describe_verdict(ctx, report.batch_id)[:2] == [
            f"batch {report.batch_id} is published",
            "expectation entry.has_title fails for 1 of 2",
        ]
        extra = describe_articles(ctx, report.batch_id)
    assert extra == {
        "batch_id": report.batch_id,
        "verdict": "published",
        "rows": 1,
        "inserted": 1,
        "revised": 0,
        "variant": 0,
        "watermark": loaded_at.isoformat(),
    }


def test_operators_are_notified_of_a_late_run_and_when_it_is_over(
    warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "topics").symlink_to(CONFIG_DIR / "topics")
    (tmp_path / "watches.yaml").write_text("operators:\n  to: 'json://127.0.0.1:9/'\n", "utf-8")
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(tmp_path))
    context = {"dag_run": {"run_id": "scheduled__1"}}
    asyncio.run(ingest_tasks.notify_late_run(context, dag_id="ingest_feeds", minutes=30))
    with warehouse.connect() as conn:
        late = text("SELECT item ->> 'title' FROM ops.notification WHERE item::text LIKE '%1%of%'")
        assert conn.execute(late).scalars().all() == [
            "The run scheduled__1 of ingest_feeds is not done after 30 minutes."
        ]
    ingest_tasks.notify()
    with warehouse.connect() as conn:
        over = text("SELECT count(*) FROM ops.notification WHERE item::text LIKE '%Over: The run%'")
        assert conn.execute(over).scalar_one() == 1
