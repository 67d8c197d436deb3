"""The warehouse rebuilt from its archive equals the one that was; what is loaded is left alone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import fsspec
import pytest
from rich.console import Console
from sqlalchemy import Engine, text

from feedserver import FeedServer
from objectstore import serve_bucket
from picture import Picture, take_picture
from silkwire.cli.app import app
from silkwire.cli.replay import print_report
from silkwire.config import Settings, read_settings
from silkwire.pipeline import (
    ingest,
    open_context,
    reject_batch,
    reject_records,
    release_batch,
    release_records,
    retry_records,
)
from silkwire.pipeline.held_records import read_held
from silkwire.pipeline.replay import order_events, replay
from silkwire.pipeline.replay_find import find_batches
from silkwire.pipeline.replay_parts import WHOLE, Part, split_history
from silkwire.pipeline.replay_plan import EVERYTHING, Selection
from silkwire.pipeline.replay_report import ReplayedBatches, ReplayReport

EMPTIED = (
    "ops.batch, ops.fetch, ops.feed, ops.feed_secret, ops.quarantine, ops.quarantine_reason,"
    " ops.off_topic, ops.expectation_result, core.fact_article, core.article_revision,"
    " core.fact_sighting, core.fact_topic_match, core.topic_evidence, core.dim_feed,"
    " core.article_copy, ops.article_band,"
    " core.dim_outlet, core.dim_ruleset"
)


class Clock:
    """Goes on by a millisecond with each look, and by days when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def pass_days(self, days: int = 1) -> None:
        self.time += timedelta(days=days)


def item(title: str, link: str, description: str = "") -> str:
    return (
        f"<item><title>{escape(title)}</title><link>{link}</link><guid>{link}</guid>"
        f"<description>{escape(description)}</description></item>"
    )


def rss(*items: str) -> bytes:
    body = "".join(items)
    return f"<rss version='2.0'><channel><title>t</title>{body}</channel></rss>".encode()


AI = item("OpenAI releases a new artificial intelligence model", "https://o.example/ai")
TRAVEL = item("China extends visa-free entry to ten more countries", "https://o.example/visa")
SPORT = item("Local team wins the cup", "https://o.example/cup")
BAD = item("", "https://o.example/bad", "ChatGPT and artificial intelligence, without a title")


@pytest.fixture
def settings(warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    del warehouse_settings
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_CONCURRENCY", "1")
    return read_settings()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as feeds:
        yield feeds


def list_feeds(file: Path, server: FeedServer, attributes: dict[str, str]) -> Path:
    outlines = "".join(
        f"<outline type='rss' text='{path}' xmlUrl='{server.url(path)}' {more}/>\n"
        for path, more in attributes.items()
    )
    file.write_text(f"<opml version='2.0'><body>\n{outlines}</body></opml>\n", "utf-8")
    return file


@dataclass
class World:
    """A publisher, a clock, an archive and a warehouse."""

    settings: Settings
    engine: Engine
    server: FeedServer
    clock: Clock
    folder: Path

    def set(self, **values: Any) -> None:
        self.settings = self.settings.model_copy(update=values)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(statement))]

    def replay(self, selection: Selection = EVERYTHING, part: Part = WHOLE) -> ReplayReport:
        return replay(self.settings, selection=selection, part=part, now=self.clock)

    def picture(self) -> Picture:
        return take_picture(self.engine)

    def empty(self) -> None:
        """As a new database, but that keys go on counting."""
        with self.engine.begin() as conn:
            conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))

    def live(self) -> None:
        live(self.settings, self.server, self.clock, self.folder / "f.opml")


@pytest.fixture
def world(settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path) -> World:
    return World(settings, warehouse, server, Clock(), tmp_path)


def live(settings: Settings, server: FeedServer, clock: Clock, file: Path) -> None:
    """Some days: an edit, a 304, an unchanged body, failures, variants, a quarantined record, a
    dedicated feed, a twin url, an entry that leaves and one that returns, a new outlet's name."""
    feeds = {"a": "outlet='Post'", "b": "outlet='Wire'", "c": "topics='ai'", "d": "", "gone": ""}
    server.documents = {
        "a": rss(AI, TRAVEL, SPORT),
        "b": rss(AI.replace("releases", "presents"), BAD),
        "c": rss(item("A cup is won", "https://c.example/1")),
        "d": b"<html><body>no feed</body></html>",
    }
    opml = list_feeds(file, server, feeds)
    ingest(settings, feeds_opml=opml, now=clock)
    clock.pass_days()
    server.documents["a"] = rss(AI.replace("a new", "its best"), SPORT)
    server.documents["b"] = rss(TRAVEL, AI.replace("releases", "presents"), BAD)
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    clock.pass_days()
    server.is_conditional = False
    server.documents["c"] = rss(
        item("Twin one", "https://c.example/2").replace("<guid>", "<guid>x"),
        item("Twin two", "https://c.example/2"),
    )
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    clock.pass_days()
    feeds["a"] = "outlet='The Post' language='en' category='news'"
    feeds["c"] = ""
    server.documents["a"] = rss(TRAVEL, AI)
    server.documents["d"] = rss(item("Robots in China", "https://d.example/1", "DeepSeek AI"))
    list_feeds(file, server, feeds)
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    # Renamed, and not due: a batch without a fetch.
    ingest(settings, feeds_opml=list_feeds(file, server, {"b": "outlet='The Wire'"}), now=clock)


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


def test_a_batch_without_a_decision_is_judged_anew(world: World) -> None:
    world.live()
    before = world.picture()
    for file in (world.folder / "home").rglob("*-decision.warc.gz"):
        file.unlink()
    world.empty()
    report = world.replay()
    assert report.batches == ReplayedBatches(found=4, replayed=4, undecided=4)
    assert world.picture()["why_matched"] == before["why_matched"]
    assert world.picture()["sightings"] == before["sightings"]


def test_what_is_damaged_or_missing_is_named_and_the_rest_is_loaded(world: World) -> None:
    world.live()
    first, second, *_ = sorted((world.folder / "home").rglob("*-000.warc.gz"))
    first.unlink()
    content = second.read_bytes()
    second.write_bytes(content[: len(content) // 2])
    world.empty()
    report = world.replay()
    assert {damage.archive_file.rpartition("/")[2] for damage in report.damages} == {
        first.name,
        second.name,
    }
    assert report.fetches.lost > 5
    assert report.batches.found == 5
    assert report.articles.inserted > 1
    assert world.query("SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]


@pytest.mark.parametrize("is_conditional", [True, False])
def test_entries_of_lost_bytes_come_with_the_next_fetch_although_the_feed_has_not_changed_since(
    world: World, is_conditional: bool
) -> None:
    """Neither a 304 nor an unchanged body may stand for what is not in the warehouse."""
    world.server.is_conditional = is_conditional
    for day, documents in enumerate(
        [{"a": rss(AI), "b": rss(SPORT)}, {"a": rss(AI), "b": rss(TRAVEL)}, {}]
    ):
        world.server.documents |= documents
        opml = world.server.write_opml(world.folder / "f.opml")
        ingest(world.settings, feeds_opml=opml, ignore_due=day > 0, now=world.clock)
        world.clock.pass_days()
    titles = "SELECT title FROM mart.articles ORDER BY title"
    before = world.query(titles)
    for lost in sorted((world.folder / "home").rglob("*-000.warc.gz"))[:2]:
        lost.unlink()
    world.empty()
    world.replay()
    assert world.query(titles) == []
    ingest(world.settings, feeds_opml=opml, ignore_due=True, now=world.clock)
    assert world.query(titles) == before


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


KILLED = """
import os, signal, sys
import silkwire.pipeline.running as running
import silkwire.pipeline.replay as replaying
import silkwire.pipeline.replay_batch as replaying_batch, silkwire.pipeline.steps as steps
from silkwire.config import read_settings

step_to_kill, count = sys.argv[1], int(sys.argv[2])
real = running.run_step

def run_step(ctx, batch_id, step, work):
    def killed_work():
        global count
        report = work()
        count -= step == step_to_kill
        if count == 0 and step == step_to_kill:
            os.kill(os.getpid(), signal.SIGKILL)
        return report
    return real(ctx, batch_id, step, killed_work)

replaying_batch.run_step = steps.run_step = run_step
replaying.replay(read_settings())
"""


def kill_replay(moment: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *moment.split()], env=dict(os.environ), check=False
    )
    assert killed.returncode == -signal.SIGKILL


@pytest.mark.parametrize("moment", ["parse 1", "match 2", "load 2"])
def test_a_replay_that_was_killed_goes_on_where_it_was(world: World, moment: str) -> None:
    world.live()
    before = world.picture()
    world.empty()
    kill_replay(moment)
    world.replay()
    assert world.picture() == before
    assert world.query("SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]


def test_a_replay_that_was_killed_and_asked_for_less_leaves_nothing_behind(world: World) -> None:
    world.live()
    before = world.picture()
    world.empty()
    kill_replay("match 1")
    nothing = Selection(until=datetime(2000, 1, 1, tzinfo=UTC))
    world.replay(nothing)
    assert world.query("SELECT count(*) FROM ops.batch") == [(0,)]
    assert world.query("SELECT count(*) FROM ops.fetch") == [(0,)]
    world.replay()
    assert world.picture() == before


def test_an_archive_in_an_object_store_is_replayed_but_for_what_is_missing_or_damaged(
    world: World,
) -> None:
    with serve_bucket() as url:
        world.set(data_url=url)
        for day, documents in enumerate(
            [
                {"a": rss(AI, BAD), "b": rss(SPORT)},
                {"a": rss(AI.replace("a new", "its best")), "b": rss(TRAVEL)},
            ]
        ):
            world.server.documents = documents
            opml = world.server.write_opml(world.folder / "f.opml")
            ingest(world.settings, feeds_opml=opml, ignore_due=day > 0, now=world.clock)
            world.clock.pass_days()
        before = world.picture()
        (first, _), (second, offset_b) = world.query(
            "SELECT archive_file, archive_offset FROM ops.fetch"
            " WHERE fetch_url LIKE '%/b' ORDER BY archive_file"
        )
        world.empty()
        report = world.replay()
        assert (report.batches.replayed, report.damages) == (2, [])
        assert world.picture() == before
        store = fsspec.filesystem("s3")
        store.rm_file(f"{url}/{first}")
        altered = bytearray(store.cat_file(f"{url}/{second}"))
        altered[offset_b + 100] ^= 0xFF
        store.pipe_file(f"{url}/{second}", bytes(altered))
        world.empty()
        report = world.replay()
        assert {damage.archive_file for damage in report.damages} == {first, second}
        assert (report.batches.found, report.fetches.lost, report.fetches.replayed) == (2, 3, 1)
        assert world.query("SELECT title FROM mart.articles") == [
            ("OpenAI releases its best artificial intelligence model",)
        ]


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
