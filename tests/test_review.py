"""A held batch: who decides, what it changes, and that it happens once."""

from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from feedserver import FeedServer
from silkwire.config import Settings
from silkwire.errors import BatchError
from silkwire.model import BatchReport
from silkwire.pipeline import (
    Context,
    ingest,
    load_step,
    open_context,
    reject_batch,
    release_batch,
)

BAD = "".join(
    f"<item><link>https://o.example/{n}</link><description>ChatGPT and artificial intelligence"
    f" {n}</description></item>"
    for n in range(9)
)
GOOD = "<item><title>OpenAI hires</title><link>https://o.example/good</link></item>"


@pytest.fixture
def held(
    warehouse_settings: Settings, tmp_path: Path
) -> Iterator[tuple[Context, BatchReport, FeedServer, Path]]:
    settings = warehouse_settings.model_copy(
        update={
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "hold_min_entries": 5,
        }
    )
    feed = f"<rss version='2.0'><channel><title>t</title>{BAD}{GOOD}</channel></rss>"
    with FeedServer({"feed": feed.encode()}) as server:
        opml = server.write_opml(tmp_path / "f.opml")
        report = ingest(settings, feeds_opml=opml)
        with open_context(settings) as ctx:
            yield ctx, report, server, opml


def count_articles(engine: Engine) -> int:
    with engine.begin() as conn:
        return int(conn.execute(text("SELECT count(*) FROM core.fact_article")).scalar_one())


def test_what_held_a_batch_is_a_failed_expectation_of_it(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, _, _ = held
    failed = text(
        "SELECT expectation, element_count, unexpected_count FROM ops.expectation_result"
        " WHERE batch_id = :batch_id AND suite = 'batch' AND NOT is_success"
    )
    with warehouse.begin() as conn:
        found = conn.execute(failed, {"batch_id": report.batch_id}).all()
    assert [tuple(row) for row in found] == [("quarantined_share_is_bearable", 10, 9)]
    release_batch(ctx, report.batch_id, reviewer="Lin")
    with warehouse.begin() as conn:
        assert conn.execute(failed, {"batch_id": report.batch_id}).all() == found


def test_a_held_batch_loads_nothing_but_moves_the_validators(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    _, report, _, _ = held
    assert report.verdict == "held"
    assert count_articles(warehouse) == 0
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT etag FROM ops.feed")).scalar() is not None


def test_a_release_loads_it_once_and_signs_it(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, _, _ = held
    released = release_batch(ctx, report.batch_id, reviewer="ann")
    assert (released.verdict, released.articles.inserted) == ("released", 1)
    assert count_articles(warehouse) == 1
    with pytest.raises(BatchError, match="is released, not held"):
        release_batch(ctx, report.batch_id, reviewer="bob")
    with warehouse.begin() as conn:
        signed = conn.execute(text("SELECT reviewer, decided_at IS NOT NULL FROM ops.batch"))
        assert signed.one() == ("ann", True)


def test_a_rejection_loads_nothing_and_clears_the_validators(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, _, _ = held
    assert reject_batch(ctx, report.batch_id, reviewer="ann").verdict == "rejected"
    assert count_articles(warehouse) == 0
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT etag FROM ops.feed")).scalar() is None
    assert load_step(ctx, report.batch_id).verdict == "rejected"


def test_a_batch_whose_feed_went_on_is_not_released_out_of_order(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, server, opml = held
    feed = f"<rss version='2.0'><channel><title>t</title>{GOOD}</channel></rss>"
    server.documents["feed"] = feed.encode()
    assert ingest(ctx.settings, feeds_opml=opml, ignore_due=True).articles.inserted == 1
    with pytest.raises(BatchError, match="loaded by a later batch"):
        release_batch(ctx, report.batch_id, reviewer="ann")
    assert count_articles(warehouse) == 1
