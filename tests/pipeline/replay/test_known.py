"""A rebuilt warehouse knows what was known at any instant before, and when it was learned."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from helpers.documents import AI, BAD, TRAVEL, item, rss
from helpers.feedserver import FeedServer
from helpers.replaying import World, list_feeds, open_world
from silkwire.config import Settings
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.held.release_reject import release_batch
from silkwire.warehouse.queries import find_query, run_query

MILLISECOND = timedelta(milliseconds=1)
DAY = timedelta(days=1)


@pytest.fixture
def world(settings: Settings, warehouse: Engine, server: FeedServer, tmp_path: Path) -> World:
    return open_world(settings, warehouse, server, tmp_path)


def live_with_a_late_release(world: World) -> None:
    """A new article, an edit, a held batch released two days later, and a feed that comes later."""
    strict = world.settings.model_copy(
        update={"hold_min_entries": 1, "hold_quarantined_share": 0.1}
    )
    more = item("DeepSeek AI in China", "https://o.example/more")
    for settings, documents in (
        (world.settings, {"a": rss(AI)}),
        (world.settings, {"a": rss(AI.replace("releases", "presents"))}),
        (strict, {"a": rss(AI.replace("releases", "sells"), BAD)}),
        (world.settings, {"a": rss(AI.replace("releases", "offers"), more), "b": rss(TRAVEL)}),
    ):
        world.server.documents = documents
        opml = list_feeds(world.folder / "f.opml", world.server, dict.fromkeys(documents, ""))
        ingest(settings, feeds_opml=opml, ignore_due=True, now=world.clock)
        world.clock.pass_days()
    (held,) = (row[0] for row in world.query("SELECT batch_id FROM ops.batch WHERE verdict='held'"))
    with open_context(world.settings, now=world.clock) as ctx:
        release_batch(ctx, held, reviewer="ann")


def answer(world: World, name: str, **given: str) -> list[tuple[object, ...]]:
    with world.engine.connect() as conn:
        return list(run_query(conn, find_query(name), given).rows)


def ask_all(world: World, times: list[datetime]) -> list[object]:
    return [
        (
            answer(world, "known_at", at=at.isoformat(), hours="200"),
            answer(world, "learned_since", until=at.isoformat(), hours="30"),
        )
        for at in times
    ]


def test_what_was_known_and_learned_is_the_same_after_a_rebuild(world: World) -> None:
    live_with_a_late_release(world)
    loaded = [
        row[0]
        for row in world.query(
            "SELECT loaded_at FROM core.fact_article"
            " UNION SELECT loaded_at FROM core.article_revision ORDER BY 1"
        )
    ]
    assert len(loaded) == 4
    times = [at + change for at in loaded for change in (-MILLISECOND, timedelta(), DAY)]
    before = ask_all(world, times)
    world.clock.pass_days(100)
    world.empty()
    assert world.replay().verdicts == {"published": 3, "released": 1}
    assert ask_all(world, times) == before
    sizes = [len(answer(world, "known_at", at=at.isoformat(), hours="200")) for at in loaded]
    assert sizes == [1, 1, 3, 3]


def test_an_edit_released_late_was_learned_with_its_release(world: World) -> None:
    live_with_a_late_release(world)
    world.empty()
    world.clock.pass_days(100)
    world.replay()
    ((decided_at,),) = world.query("SELECT decided_at FROM ops.batch WHERE verdict = 'released'")
    assert world.query(
        f"SELECT title_after FROM mart.article_edits WHERE loaded_at = '{decided_at}'"
    ) == [("OpenAI sells a new artificial intelligence model",)]


def test_a_replay_into_a_warehouse_that_has_it_all_moves_no_time(world: World) -> None:
    live_with_a_late_release(world)
    times = (
        "SELECT revision_key, loaded_at, xmin::text FROM core.article_revision ORDER BY 1",
        "SELECT article_key, loaded_at, xmin::text FROM core.fact_article ORDER BY 1",
        "SELECT batch_id, finished_at, decided_at FROM ops.batch ORDER BY 1",
        "SELECT feed_key, first_document_at FROM ops.feed ORDER BY 1",
    )
    before = [world.query(statement) for statement in times]
    world.clock.pass_days()
    world.replay()
    assert [world.query(statement) for statement in times] == before
