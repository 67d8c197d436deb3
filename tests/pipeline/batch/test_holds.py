"""One feed never holds a batch that has others: its document is held, and decided on by records."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from helpers.documents import AI, SPORT, TRAVEL, item, rss
from helpers.feedserver import FeedServer
from helpers.picture import take_picture
from helpers.replaying import World, open_world
from silkwire.config import Settings
from silkwire.model import BatchReport, EntryCounts
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.quarantine.release_reject import RecordsReport, release_records
from silkwire.pipeline.quarantine.retry import RetryReport, retry_records

FLOOD = [item(f"OpenAI opens AI laboratory {n}", f"https://o.example/flood/{n}") for n in range(12)]
HISTORY = """
INSERT INTO ops.fetch (
    batch_id, feed_key, started_at, fetch_url, outcome, wire_bytes, body_bytes, fetch_ms,
    fetched_count, accepted_count, unchanged_count, undated_count
)
SELECT
    'past ' || number, feed_key, :now - number * interval '1 hour', '', 'new', 0, 0, 0, 9, 1, 8, 2
FROM ops.feed, generate_series(1, 14) AS number WHERE feed_url LIKE '%/flood'
"""
SAME = (
    "articles", "quarantine_open", "off_topic_recent", "sightings", "revisions", "fetches", "counts"
)  # fmt: skip
OPEN = "SELECT count(*), max(seen_count) FROM mart.quarantine_open"


@pytest.fixture
def world(settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path) -> World:
    world = open_world(settings, warehouse, server, tmp_path)
    world.set(hold_min_entries=5)
    return world


def read(world: World, *flood: str, calm: str = TRAVEL) -> BatchReport:
    world.clock.pass_days()
    world.server.documents = {"flood": rss(*flood), "calm": rss(calm)}
    opml = world.server.write_opml(world.folder / "f.opml")
    return ingest(world.settings, feeds_opml=opml, ignore_due=True, now=world.clock)


def remember(world: World) -> None:
    """Fourteen more documents of the feed, each with one accepted entry and two without a date."""
    with world.engine.begin() as conn:
        conn.execute(text(HISTORY), {"now": world.clock()})


def release_open(world: World) -> RecordsReport:
    keys = [key for (key,) in world.query("SELECT quarantine_key FROM mart.quarantine_open")]
    with open_context(world.settings, now=world.clock) as ctx:
        return release_records(ctx, keys, reviewer="ann")


def retry_all(world: World) -> RetryReport:
    with open_context(world.settings, now=world.clock) as ctx:
        return retry_records(ctx)


def test_surge_of_one_feed_goes_to_quarantine_and_the_other_feed_is_loaded(world: World) -> None:
    read(world, AI)
    remember(world)
    report = read(world, AI, SPORT, *FLOOD, calm=item("Hong Kong opens visa office"))
    assert report.verdict == "published"
    assert report.entries == EntryCounts(15, 1, 1, 1, 12)
    assert [(one.feed_url, one.why) for one in report.held_documents] == [
        (
            world.server.url("flood"),
            "12 entries would be accepted, more than 10 times the 1 of the feed's fullest recent"
            " document",
        )
    ]
    assert world.query("SELECT DISTINCT reasons FROM mart.quarantine_open") == [
        (["at most 10 times as much is accepted as of the feed's fullest recent document"],)
    ]
    assert world.query("SELECT title FROM mart.off_topic_recent") == [("Local team wins the cup",)]
    assert world.query("SELECT difference_count FROM mart.batch_reconciliation") == [(0,), (0,)]
    assert world.query(
        "SELECT expectation, unexpected_count FROM ops.expectation_result"
        " WHERE suite = 'batch' AND NOT is_success"
    ) == [("document_is_no_surge", 1)]


def test_held_document_that_is_read_again_adds_only_what_is_new(world: World) -> None:
    read(world, AI)
    remember(world)
    read(world, AI, *FLOOD)
    assert world.query(OPEN) == [(12, 1)]
    more = item("OpenAI closes AI laboratory", "https://o.example/flood/more")
    assert read(world, AI, more, *FLOOD).entries == EntryCounts(14, 0, 1, 0, 13)
    assert world.query(OPEN) == [(13, 2)]


def test_retry_leaves_a_held_document_to_a_person(world: World) -> None:
    read(world, AI)
    remember(world)
    read(world, AI, *FLOOD)
    report = retry_all(world)
    assert (report.tried, report.released, report.failing) == (12, 0, 12)
    assert world.query("SELECT DISTINCT expectation FROM mart.quarantine_reasons") == [
        ("document_is_no_surge",)
    ]


def test_released_document_is_usual_from_then_on_and_a_replay_repeats_all_of_it(
    world: World,
) -> None:
    read(world, AI)
    remember(world)
    read(world, AI, *FLOOD)
    assert {one.outcome for one in release_open(world).records} == {"inserted"}
    again = [one.replace("opens", "shuts") for one in FLOOD]
    report = read(world, AI, *again)
    assert (report.articles.revised, report.held_documents) == (12, ())
    before = take_picture(world.engine, SAME)
    world.empty()
    world.server.documents = {}
    world.replay()
    assert take_picture(world.engine, SAME) == before


def test_feed_that_no_longer_gives_dates_is_held(world: World) -> None:
    read(world, AI.replace("<guid>", "<pubDate>Sun, 01 Mar 2026 07:00:00 GMT</pubDate><guid>"))
    remember(world)
    report = read(world, *FLOOD[:5])
    assert [one.why for one in report.held_documents] == [
        "5 of 5 entries have no date, a share 78% above the highest of the feed's recent documents"
    ]


def test_backlog_of_a_new_feed_is_loaded(world: World) -> None:
    report = read(world, AI, *FLOOD)
    assert (report.verdict, report.articles.inserted, report.held_documents) == (
        "published",
        14,
        (),
    )
