"""A topic is added by adding its file: no part of silkwire knows the topics by name."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text
from typer.testing import CliRunner

from helpers.desk import HOUR, Desk, rss
from helpers.picture import take_picture
from helpers.publisher import answer
from helpers.replaying import EMPTIED
from helpers.sinks import Webhook
from silkwire.cli.app import app
from silkwire.feeds.opml.read import read_feed_list
from silkwire.newsroom import create_newsroom
from silkwire.pipeline import notify_all
from silkwire.pipeline.replay.run import replay
from silkwire.pipeline.rules.adopt import adopt_rules
from silkwire.topics import list_topics

SEMICONDUCTORS = """\
topic: semiconductors
title: Semiconductors
candidates:
  - [maker|making]
groups:
  maker:
    terms: [ASML, TSMC, 台积电]
  making:
    terms: [wafer*, lithography, 光刻机]
rules:
  - {name: makers_and_making, weight: 5, all: [maker|making]}
"""
BY_WORD, BY_FEED = "ASML ships its next scanner", "Dresden opens a plant"
AI, NEARLY, OFF_TOPIC = (
    "OpenAI releases an AI model",
    "Boules of silicon are scarce",
    "Football is on",
)


@pytest.fixture
def third(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Two feeds, one of them dedicated to the topic, after one batch."""
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(desk.folder))
    write_rules(desk, SEMICONDUCTORS)
    desk.publisher.add("/post", answer(rss(BY_WORD, AI, NEARLY, OFF_TOPIC)))
    desk.publisher.add("/fab", answer(rss(BY_FEED)))
    desk.list_feed("/post", attributes="outlet='Post'")
    desk.list_feed("/fab", attributes="outlet='Fab' topics='semiconductors'")
    desk.run()
    return desk


def write_rules(desk: Desk, rules: str) -> None:
    (desk.folder / "topics" / "semiconductors.yaml").write_text(rules, "utf-8")


def run(*args: str) -> dict:
    result = CliRunner().invoke(app, [*args, "--json"], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def list_titles(desk: Desk) -> set[str]:
    statement = "SELECT title FROM mart.articles WHERE 'semiconductors' = ANY (topics)"
    with desk.ctx.engine.begin() as conn:
        return set(conn.execute(text(statement)).scalars())


def test_its_articles_answer_a_query(third: Desk) -> None:
    period = ("-p", "until=2026-11-24", "-p", "hours=48")
    found = run("query", "latest_articles", "-p", "topic=semiconductors", *period)
    assert {row["title"] for row in found["rows"]} == {BY_WORD, BY_FEED}
    assert {tuple(row["topics"]) for row in found["rows"]} == {("semiconductors",)}


def test_the_newsroom_has_a_page_of_it(third: Desk) -> None:
    newsroom = create_newsroom(lambda: third.ctx.settings, now=lambda: third.at + HOUR)
    page = TestClient(newsroom).get("/", params={"topic": "semiconductors"}).text
    assert ">semiconductors</a>" in page
    assert page.count('class="open"') == 2
    assert '<mark class="t-semiconductors " title="semiconductors">ASML</mark>' in page
    assert "the feed list dedicates this feed to the topic" in page


def test_a_watch_notifies_of_it(third: Desk) -> None:
    with Webhook() as hook:
        watch = f"watches:\n- {{name: fabs, topics: semiconductors, to: '{hook.url}'}}\n"
        (third.folder / "watches.yaml").write_text(watch, "utf-8")
        third.at += HOUR  # what was loaded before a watch is known is not sent
        notify_all(third.ctx)
        third.publisher.add("/fab", answer(rss(BY_FEED, "Wafers are in short supply")))
        third.run(after=HOUR)
        notify_all(third.ctx)
        assert [post["title"] for post in hook.posts] == ["[fabs] Wafers are in short supply"]


def test_an_imported_feed_stays_dedicated_to_it(third: Desk, tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.opml"
    foreign.write_text(
        "<opml><body><outline xmlUrl='https://chips.example/' topics='semiconductors'/>"
        "</body></opml>"
    )
    assert run("feeds", "import", str(foreign))["added"] == 1
    listed = read_feed_list(third.folder / "feeds.opml", list_topics(third.folder))
    assert listed[-1].topics == ("semiconductors",)


def test_a_replay_into_an_empty_warehouse_restores_it(third: Desk) -> None:
    marts = ("articles", "why_matched", "topic_decisions", "off_topic_recent")
    before = take_picture(third.ctx.engine, marts)
    with third.ctx.engine.begin() as conn:
        conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))
    assert list_titles(third) == set()
    third.at += HOUR
    replay(third.ctx.settings, now=third.ctx.now)
    assert list_titles(third) == {BY_WORD, BY_FEED}
    assert take_picture(third.ctx.engine, marts) == before


def test_its_changed_rules_can_be_adopted(third: Desk) -> None:
    write_rules(third, SEMICONDUCTORS.replace("[ASML, TSMC, 台积电]", "[silicon]"))
    third.at += timedelta(hours=2)
    adopt_rules(third.ctx)
    assert list_titles(third) == {NEARLY, BY_FEED}


def test_what_it_nearly_kept_is_listed_among_near_misses(third: Desk) -> None:
    write_rules(third, SEMICONDUCTORS.replace("weight: 5", "weight: 1.5"))
    third.publisher.add("/post", answer(rss("TSMC hires", OFF_TOPIC)))
    third.run(after=HOUR)
    nearest = run("query", "near_misses", "-p", "limit=1")["rows"][0]
    assert (nearest["title"], nearest["nearest_topic"]) == ("TSMC hires", "semiconductors")
