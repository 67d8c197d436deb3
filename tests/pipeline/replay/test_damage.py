"""What an archive has lost is named and the rest is loaded; a replay that was killed goes on."""

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import fsspec
import pytest
from sqlalchemy import Engine

from helpers.documents import AI, BAD, SPORT, TRAVEL, rss
from helpers.feedserver import FeedServer
from helpers.objectstore import serve_bucket
from helpers.picture import blur_runs, take_picture
from helpers.replaying import World, open_world
from silkwire.config import Settings
from silkwire.pipeline import ingest
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.replay.report import ReplayedBatches


@pytest.fixture
def world(settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path) -> World:
    return open_world(settings, warehouse, server, tmp_path)


def test_a_batch_without_a_decision_is_judged_anew(world: World) -> None:
    world.live()
    before = world.picture()
    for file in (world.folder / "home").rglob("*-decision.warc.gz"):
        file.unlink()
    sightings = take_picture(world.engine, ["sightings"], blur=blur_runs)
    world.empty()
    report = world.replay()
    assert report.batches == ReplayedBatches(found=4, replayed=4, undecided=4)
    assert world.picture()["why_matched"] == before["why_matched"]
    # Nothing says when they were loaded: they count as loaded with their last fetch.
    assert take_picture(world.engine, ["sightings"], blur=blur_runs) == sightings


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


KILLED = """
import os, signal, sys
import silkwire.pipeline.batch.run_step as running
import silkwire.pipeline.replay.run as replaying
import silkwire.pipeline.replay.batch as replaying_batch, silkwire.pipeline.batch.steps as steps
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
