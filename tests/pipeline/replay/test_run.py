"""The warehouse rebuilt from its archive equals the one that was; what is loaded is left alone."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.console import Console
from sqlalchemy import Engine, text

from helpers.documents import AI, BAD, SPORT, TRAVEL, rss
from helpers.feedserver import FeedServer
from helpers.replaying import World, list_feeds, open_world
from silkwire.cli.app import app
from silkwire.cli.replay.command import print_report
from silkwire.config import Settings
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.held.entries import read_held
from silkwire.pipeline.held.release_reject import reject_batch, release_batch
from silkwire.pipeline.history.batches import find_batches
from silkwire.pipeline.history.parts import split_history
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.quarantine.release_reject import reject_records, release_records
from silkwire.pipeline.quarantine.retry import retry_records
from silkwire.pipeline.replay.report import ReplayedBatches
from silkwire.pipeline.replay.run import order_events, replay


@pytest.fixture
def world(settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path) -> World:
    return open_world(settings, warehouse, server, tmp_path)


def test_an_empty_warehouse_is_rebuilt_from_the_archive_alone(world: World) -> None:
    world.live()
    before = world.picture()
    assert all(before[name] for name in before), before
    world.empty()
    world.server.documents = {}
    report = world.replay()
    assert world.picture() == before
    assert report.batches == ReplayedBatches(found=5, replayed=4, empty=1)
    assert (report.damages, report.rules_lost, report.fetches.lost) == ([], (), 0)
    assert world.query("SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]


def test_part_by_part_it_is_rebuilt_alike_even_if_a_late_part_comes_first(world: World) -> None:
    world.live()
    before = world.picture()
    world.empty()
    times = [event.happened_at for event in order_events(find_batches(world.settings.data_root))]
    first, second, third = split_history(times, max_parts=3, min_events=1)
    assert world.replay(part=first).batches == ReplayedBatches(found=2, replayed=2)
    assert world.replay(part=third).batches == ReplayedBatches(found=1, empty=1)
    assert world.picture() == before
    assert world.replay(part=second).batches == ReplayedBatches(found=2, known=2)


def test_a_second_replay_and_one_of_a_live_warehouse_change_nothing(world: World) -> None:
    world.live()
    before = world.picture()
    assert world.replay().batches == ReplayedBatches(found=5, known=5)
    assert world.picture() == before
    world.empty()
    world.replay()
    batch_count = world.query("SELECT count(*) FROM ops.batch")
    again = world.replay()
    assert (again.batches.replayed, again.fetches.replayed) == (0, 0)
    assert world.query("SELECT count(*) FROM ops.batch") == batch_count
    assert world.picture() == before


def test_held_batches_keep_their_verdict_and_what_a_person_decided(world: World) -> None:
    strict = world.settings.model_copy(
        update={"hold_min_entries": 1, "hold_quarantined_share": 0.4}
    )
    for name in ("released", "rejected", "held", "good"):
        world.server.documents = {name: rss(BAD.replace("/bad", f"/{name}"), AI)}
        opml = world.server.write_opml(world.folder / f"{name}.opml")
        if name == "good":
            ingest(world.settings, feeds_opml=opml, now=world.clock)
        else:
            assert ingest(strict, feeds_opml=opml, now=world.clock).verdict == "held"
        world.clock.pass_days()
    ids = [row[0] for row in world.query("SELECT batch_id FROM ops.batch ORDER BY started_at")]
    with open_context(world.settings, now=world.clock) as ctx:
        left_out = [one.entry_number for one in read_held(ctx, ids[0]) if not one.reasons]
        release_batch(ctx, ids[0], reviewer="ann", left_out=left_out)
        reject_batch(ctx, ids[1], reviewer="bob")
    decided = "SELECT title, decided_at, reviewer FROM ops.quarantine WHERE status = 'rejected'"
    before, rejected = world.picture(), world.query(decided)
    assert [row[0] for row in rejected] == ["OpenAI releases a new artificial intelligence model"]
    world.empty()
    report = world.replay()
    assert report.verdicts == {"published": 1, "released": 1, "rejected": 1, "held": 1}
    assert world.picture() == before
    assert world.query(decided) == rejected
    assert world.replay().batches.known == 4
    held = world.query("SELECT batch_id FROM ops.batch WHERE verdict = 'held'")[0][0]
    with open_context(world.settings, now=world.clock) as ctx:
        assert release_batch(ctx, held, reviewer="ann").verdict == "released"
    after = world.picture()
    world.empty()
    assert world.replay().verdicts["released"] == 2
    assert world.picture() == after


def test_decisions_on_single_records_are_made_again_in_their_turn(world: World) -> None:
    decided = (
        "SELECT feed_url, entry_url, status, reviewer, decided_at, seen_count, last_seen_at"
        " FROM ops.quarantine JOIN ops.feed USING (feed_key) ORDER BY 1, 2, 3, last_seen_at"
    )
    no_url = "<item><guid isPermaLink='false'>g</guid><description>DeepSeek AI</description></item>"
    world.server.documents = {
        "a": rss(BAD, BAD.replace("/bad", "/worse"), no_url, SPORT),
        "b": rss(BAD.replace("/bad", "/open")),
    }
    opml = world.server.write_opml(world.folder / "f.opml")
    ingest(world.settings, feeds_opml=opml, now=world.clock)
    world.clock.pass_days()
    with open_context(world.settings, now=world.clock) as ctx:
        names = "SELECT quarantine_key FROM ops.quarantine WHERE entry_url LIKE '%/{}'"
        no_link = world.query("SELECT quarantine_key FROM ops.quarantine WHERE entry_url IS NULL")
        good = [world.query(names.format("bad"))[0][0], no_link[0][0]]
        assert len(release_records(ctx, good, reviewer="ann").batches) == 1
        world.clock.pass_days()
        worse = [key for (key,) in world.query(names.format("worse"))]
        assert not reject_records(ctx, worse, reviewer="bob").refused
    world.clock.pass_days()
    world.server.documents["a"] = rss(
        BAD.replace("artificial", "real"), BAD.replace("/bad", "/worse")
    )
    ingest(world.settings, feeds_opml=opml, ignore_due=True, now=world.clock)
    before, records = world.picture(), world.query(decided)
    assert {record[2] for record in records} == {"open", "released", "rejected"}
    assert world.replay().batches == ReplayedBatches(found=4, known=4)
    world.empty()
    report = world.replay()
    assert report.batches == ReplayedBatches(found=4, replayed=4)
    assert report.verdicts == {"published": 2, "released": 1, "rejected": 1}
    assert report.reviews_refused == []
    assert world.picture() == before
    assert world.query(decided) == records
    assert world.replay().batches == ReplayedBatches(found=4, known=4)


def test_a_batch_that_was_released_late_is_rebuilt_in_its_place(world: World) -> None:
    opml = list_feeds(world.folder / "f.opml", world.server, {"feed": ""})
    strict = world.settings.model_copy(
        update={"hold_min_entries": 1, "hold_quarantined_share": 0.1}
    )
    for settings, document in (
        (world.settings, rss(AI, TRAVEL)),
        (strict, rss(AI.replace("a new", "its best"), BAD)),
        (world.settings, rss(AI, TRAVEL)),
        (world.settings, rss(AI.replace("releases", "sells"))),
    ):
        world.server.documents = {"feed": document}
        ingest(settings, feeds_opml=opml, ignore_due=True, now=world.clock)
        world.clock.pass_days()
    held = world.query("SELECT batch_id FROM ops.batch WHERE verdict = 'held'")[0][0]
    with open_context(world.settings, now=world.clock) as ctx:
        release_batch(ctx, held, reviewer="ann")
    world.clock.pass_days()
    world.server.documents = {"feed": rss(TRAVEL)}
    ingest(world.settings, feeds_opml=opml, ignore_due=True, now=world.clock)
    before = world.picture()
    assert world.query("SELECT revision_number FROM mart.article_edits"
                       " JOIN core.article_revision USING (revision_key) ORDER BY 1") == [
        (2,), (3,), (4,)
    ]  # fmt: skip
    world.empty()
    report = world.replay()
    assert report.verdicts == {"published": 4, "released": 1}
    assert report.reviews_refused == []
    assert world.picture() == before


def test_what_was_tried_again_after_a_change_of_the_rules_comes_out_alike(world: World) -> None:
    world.server.documents = {"feed": rss(BAD, TRAVEL)}
    opml = world.server.write_opml(world.folder / "f.opml")
    ingest(world.settings, feeds_opml=opml, now=world.clock)
    changed = world.settings.model_copy(
        update={"config_dir": change_rules(world.settings, world.folder)}
    )
    world.clock.pass_days()
    with open_context(changed, now=world.clock) as ctx:
        assert retry_records(ctx).outcomes == {"off_topic": 1}
    decided = "SELECT entry_url, status, reviewer, decided_at FROM ops.quarantine"
    before, records = world.picture(), world.query(decided)
    world.empty()
    assert world.replay().verdicts == {"published": 1, "released": 1}
    assert world.picture() == before
    assert world.query(decided) == records
    assert [row[1:3] for row in records] == [("released", "retry")]


def test_the_rules_of_the_time_decide_again(world: World) -> None:
    world.server.documents = {"feed": rss(AI, SPORT)}
    opml = world.server.write_opml(world.folder / "f.opml")
    ingest(world.settings, feeds_opml=opml, now=world.clock)
    before = world.picture()
    changed = world.settings.model_copy(
        update={"config_dir": change_rules(world.settings, world.folder)}
    )
    world.empty()
    replay(changed, now=world.clock)
    assert world.picture() == before
    world.empty()
    for kept in (world.folder / "home").rglob("rulesets/*"):
        kept.unlink()
    report = replay(changed, now=world.clock)
    assert len(report.rules_lost) == 1
    assert world.query("SELECT title FROM mart.articles") == [("Local team wins the cup",)]


def change_rules(settings: Settings, folder: Path) -> Path:
    """A configuration in which AI is about cups and China travel as it was."""
    topics = folder / "config" / "topics"
    topics.mkdir(parents=True)
    for file in (settings.config_dir / "topics").glob("china_travel*"):
        (topics / file.name).write_bytes(file.read_bytes())
    (topics / "ai.yaml").write_text(
        "topic: ai\ntitle: Cups\ngroups:\n  cup:\n    terms: [cup]\n"
        "candidates: [[cup]]\nrules:\n  - {name: cup_is_won, all: [cup], weight: 9}\n"
    )
    return topics.parent


def test_days_and_feeds_can_be_chosen_and_the_rest_follows_in_order(world: World) -> None:
    world.live()
    before = world.picture()
    world.empty()
    only_a = Selection(feed_urls=frozenset([world.server.url("a")]))
    assert world.replay(only_a).fetches.replayed == 4
    assert world.query("SELECT DISTINCT feed_url FROM ops.feed") == [(world.server.url("a"),)]
    first_days = Selection(until=datetime(2026, 3, 3, tzinfo=UTC))
    assert world.replay(first_days).fetches.known == 2
    rest = world.replay()
    assert rest.fetches.superseded == 0
    assert world.picture()["fetches"] == before["fetches"]
    world.empty()
    last_days = Selection(since=datetime(2026, 3, 3, tzinfo=UTC))
    world.replay(last_days)
    after = world.replay()
    assert after.fetches.superseded == 6
    assert world.query("SELECT count(*) FROM mart.article_edits WHERE edited_at < '2026-3-3'") == [
        (0,)
    ]


def test_what_is_loaded_already_leaves_feeds_alone(world: World) -> None:
    world.live()
    feeds = world.query("SELECT * FROM ops.feed ORDER BY 1")
    with world.engine.begin() as conn:
        conn.execute(
            text(
                "UPDATE ops.batch SET state = 'abandoned', verdict = NULL WHERE batch_id ="
                " (SELECT batch_id FROM ops.batch ORDER BY started_at LIMIT 1)"
            )
        )
    report = world.replay()
    assert report.batches.abandoned == 1
    assert world.query("SELECT * FROM ops.feed ORDER BY 1") == feeds


def test_the_command_prints_what_came_back_and_what_did_not(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.server.documents = {"feed": rss(AI, SPORT)}
    opml = world.server.write_opml(world.folder / "f.opml")
    ingest(world.settings, feeds_opml=opml, now=world.clock)
    world.empty()
    before = dict(world.query("SELECT 'fetches', count(*) FROM ops.fetch"))
    command(["replay", "--until", "2026-03-01"])
    assert json.loads(capsys.readouterr().out)["fetches"]["found"] == before["fetches"] == 0
    command(["replay", "--since", "2026-03-01T08:00", "--feed", world.server.url("feed")])
    report = json.loads(capsys.readouterr().out)
    assert report["articles"] == {"inserted": 1, "revised": 0, "variant": 0}
    assert report["batches"]["replayed"] == 1
    for file in (world.folder / "home").rglob("*-000.warc.gz"):
        file.write_bytes(b"")
    world.empty()
    replayed = world.replay()
    assert len(replayed.damages) == 1
    print_report(replayed, Console(width=200))
    assert "Skipped archive/2026/03/01/" in capsys.readouterr().out


def command(arguments: list[str]) -> None:
    app([*arguments, "--json"], standalone_mode=False)
