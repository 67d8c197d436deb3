"""A held batch: who decides, what it changes, and that it happens once."""

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from silkwire.cli.app import app
from silkwire.config import Settings
from silkwire.errors import BatchError
from silkwire.model import ArticleCounts, BatchReport
from silkwire.pipeline import Context, ingest, load_step, open_context
from silkwire.pipeline.held.entries import read_held
from silkwire.pipeline.held.release_reject import reject_batch, release_batch
from silkwire.pipeline.quarantine.release_reject import release_records

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


def test_a_release_can_leave_entries_out_which_are_rejected(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, server, opml = held
    (good,) = [one for one in read_held(ctx, report.batch_id) if not one.reasons]
    assert (good.title, good.topics) == ("OpenAI hires", ("ai",))
    with pytest.raises(BatchError, match="holds no entry 99"):
        release_batch(ctx, report.batch_id, reviewer="ann", left_out=[99])
    left_out = [good.entry_number]
    released = release_batch(ctx, report.batch_id, reviewer="ann", left_out=left_out)
    assert (released.verdict, released.entries.quarantined) == ("released", 10)
    # It passes all expectations, and stays out.
    server.documents["feed"] = server.documents["feed"].replace(b"<title>t<", b"<title>u<")
    assert ingest(ctx.settings, feeds_opml=opml, ignore_due=True).entries.quarantined == 10
    assert count_articles(warehouse) == 0
    with warehouse.begin() as conn:
        statuses = conn.execute(
            text("SELECT status, reviewer, count(*) FROM ops.quarantine GROUP BY 1, 2 ORDER BY 1")
        )
        assert [tuple(row) for row in statuses] == [("open", None, 9), ("rejected", "ann", 1)]


def test_the_command_shows_the_entries_of_a_held_batch_and_leaves_out_some(
    held: tuple[Context, BatchReport, FeedServer, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    _, report, _, _ = held
    app(["quarantine", "show", report.batch_id], standalone_mode=False)
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [one["title"] for one in shown] == [None] * 9 + ["OpenAI hires"]
    assert shown[0]["reasons"] == ["the entry has a title"]
    numbers = [f"--except={one['entry_number']}" for one in shown[8:]]
    app(["quarantine", "release", report.batch_id, *numbers, "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["entries"]["quarantined"] == 10
    with pytest.raises(Exception, match="only a batch has entries to leave out"):
        app(["quarantine", "release", "1", "--except=1"], standalone_mode=False)


def test_a_rejection_loads_nothing_and_clears_the_validators(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, _, _ = held
    assert reject_batch(ctx, report.batch_id, reviewer="ann").verdict == "rejected"
    assert count_articles(warehouse) == 0
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT etag FROM ops.feed")).scalar() is None
    assert load_step(ctx, report.batch_id).verdict == "rejected"


def test_a_batch_whose_feed_went_on_is_released_to_its_place_in_time(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, server, opml = held
    show_later(server)
    later = ingest(ctx.settings, feeds_opml=opml, ignore_due=True)
    assert later.articles == ArticleCounts(inserted=1)
    released = release_batch(ctx, report.batch_id, reviewer="ann")
    assert (released.verdict, released.articles) == ("released", ArticleCounts(inserted=1))
    with pytest.raises(BatchError, match="is released, not held"):
        release_batch(ctx, report.batch_id, reviewer="bob")
    with warehouse.begin() as conn:
        edits = conn.execute(text("SELECT title_before, title_after FROM mart.article_edits"))
        assert [tuple(row) for row in edits] == [("OpenAI hires", "OpenAI hires again")]
        counts = text("SELECT inserted_count, revised_count FROM ops.batch ORDER BY started_at")
        assert [tuple(row) for row in conn.execute(counts)] == [(1, 0), (0, 1)]


def test_a_record_that_was_released_singly_since_stays_released(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, server, opml = held
    show_later(server, more=BAD.partition("</item>")[0] + "</item>")
    ingest(ctx.settings, feeds_opml=opml, ignore_due=True)
    with warehouse.begin() as conn:
        key = conn.execute(text("SELECT quarantine_key FROM mart.quarantine_open")).scalar_one()
    assert release_records(ctx, [key], reviewer="ann").refused == []
    assert count_articles(warehouse) == 2
    released = release_batch(ctx, report.batch_id, reviewer="ann")
    assert released.articles == ArticleCounts(inserted=2)
    assert count_articles(warehouse) == 2
    with warehouse.begin() as conn:
        counts = text(
            "SELECT trigger, accepted_count, unchanged_count, quarantined_count FROM ops.batch"
            " ORDER BY started_at"
        )
        assert [tuple(row) for row in conn.execute(counts)] == [
            ("cli", 2, 0, 8),
            ("cli", 1, 0, 1),
            ("review", 0, 1, 0),
        ]


def test_without_the_files_of_what_came_since_a_release_is_refused(
    held: tuple[Context, BatchReport, FeedServer, Path], warehouse: Engine
) -> None:
    ctx, report, server, opml = held
    show_later(server)
    later = ingest(ctx.settings, feeds_opml=opml, ignore_due=True)
    ctx.folder(later.batch_id).remove()
    with pytest.raises(BatchError, match=f"files of 1 batches .* gone .such as {later.batch_id}"):
        release_batch(ctx, report.batch_id, reviewer="ann")
    assert count_articles(warehouse) == 1


def show_later(server: FeedServer, more: str = "") -> None:
    edited = GOOD.replace("hires", "hires again")
    feed = f"<rss version='2.0'><channel><title>t</title>{edited}{more}</channel></rss>"
    server.documents["feed"] = feed.encode()
