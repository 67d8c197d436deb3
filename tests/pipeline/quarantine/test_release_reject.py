"""Decisions on single records: what a release loads, that it does so once, and that it binds."""

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine

from helpers.loading import MINUTE, NOON, Newsroom, entry
from silkwire.cli.app import app
from silkwire.config import Settings
from silkwire.pipeline import Context
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.history.batches import find_batches
from silkwire.pipeline.quarantine import release as release_module
from silkwire.pipeline.quarantine import release_reject
from silkwire.pipeline.quarantine.release import begin_records_batch
from silkwire.pipeline.quarantine.release_reject import (
    RecordsReport,
    reject_records,
    release_records,
)

BAD = "bad AI: OpenAI releases a new artificial intelligence model"
REVIEWED = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATUS = "SELECT quarantine_key, status, reviewer, decided_at, seen_count FROM ops.quarantine"


@pytest.fixture
def newsroom(warehouse: Engine) -> Newsroom:
    return Newsroom(warehouse)


@pytest.fixture
def ctx(warehouse_settings: Settings, warehouse: Engine) -> Context:
    return Context(warehouse_settings, warehouse, lambda: REVIEWED)


def keys(newsroom: Newsroom) -> list[int]:
    found = newsroom.query("SELECT quarantine_key FROM ops.quarantine ORDER BY quarantine_key")
    return [key for (key,) in found]


def outcomes(report: RecordsReport) -> list[str]:
    return [record.outcome for record in report.records]


def release(ctx: Context, newsroom: Newsroom) -> RecordsReport:
    return release_records(ctx, keys(newsroom), reviewer="ann")


def reject(ctx: Context, newsroom: Newsroom) -> RecordsReport:
    return reject_records(ctx, keys(newsroom), reviewer="ann")


def test_a_release_loads_the_record_as_of_its_fetch_with_its_topics_and_evidence(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD, guid="g")]))
    assert outcomes(release(ctx, newsroom)) == ["inserted"]
    assert newsroom.query("SELECT title, topics, first_seen_at, loaded_at FROM mart.articles") == [
        (BAD, ["ai"], NOON, REVIEWED)
    ]
    assert newsroom.query("SELECT guid, first_seen_at, left_at FROM core.fact_sighting") == [
        ("g", NOON, None)
    ]
    assert ("artificial intelligence",) in newsroom.query(
        "SELECT DISTINCT lower(matched_text) FROM mart.why_matched"
    )
    assert [row[1:] for row in newsroom.query(STATUS)] == [("released", "ann", REVIEWED, 1)]


def test_the_batch_that_set_it_aside_keeps_its_counts_and_the_release_has_its_own(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD), entry("Cup", url="https://o.example/2", position=1)]))
    (batch,) = release(ctx, newsroom).batches
    assert newsroom.query(
        "SELECT trigger, verdict, fetched_count, accepted_count, off_topic_count,"
        " quarantined_count, difference_count FROM mart.batch_reconciliation ORDER BY started_at"
    ) == [("cli", "published", 2, 0, 1, 1, 0), ("review", "released", 1, 1, 0, 0, 0)]
    assert newsroom.query("SELECT batch_id FROM core.fact_article") == [(batch,)]


def test_what_was_released_is_refused_the_second_time_and_says_who_and_when(
    newsroom: Newsroom, ctx: Context
) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry(BAD)]))
    release(ctx, newsroom)
    again = reject(ctx, newsroom)
    assert again.records == []
    assert again.batches == []
    assert [refused.reason for refused in again.refused] == [
        "already released by ann at 2026-03-02 09:00:00Z"
    ]
    assert newsroom.query("SELECT count(*) FROM core.article_revision") == [(1,)]


def test_two_reviewers_at_once_have_one_effect(newsroom: Newsroom, ctx: Context) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry(BAD)]))
    (key,) = keys(newsroom)
    with ThreadPoolExecutor(4) as pool:
        decisions = (release_records, reject_records, release_records, reject_records)
        reports = list(pool.map(lambda decide: decide(ctx, [key], reviewer="x"), decisions))
    assert sorted(len(report.records) for report in reports) == [0, 0, 0, 1]
    assert sorted(len(report.refused) for report in reports) == [0, 1, 1, 1]
    is_released = newsroom.query("SELECT status FROM ops.quarantine") == [("released",)]
    assert newsroom.query("SELECT count(*) FROM core.fact_article") == [(int(is_released),)]
    assert newsroom.query("SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]


def test_a_released_record_shown_again_is_unchanged_and_an_edit_back_to_it_is_loaded(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD)]))
    release(ctx, newsroom)
    later = newsroom.load((feed, [entry(BAD)]), at=REVIEWED + MINUTE)
    assert (later.entries.unchanged, later.entries.quarantined) == (1, 0)
    newsroom.load((feed, [entry("AI corrected")]), at=REVIEWED + 2 * MINUTE)
    back = newsroom.load((feed, [entry(BAD)]), at=REVIEWED + 3 * MINUTE)
    assert (back.articles.revised, back.entries.quarantined) == (1, 0)
    assert newsroom.query("SELECT status, seen_count FROM ops.quarantine") == [("released", 3)]


def test_a_rejected_record_stays_out_even_if_it_passes_now_and_is_counted(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD)]))
    assert outcomes(reject(ctx, newsroom)) == ["rejected"]
    still_bad = newsroom.load((feed, [entry(BAD)]), at=NOON + MINUTE)
    good_now = newsroom.load((feed, [entry(BAD)]), at=NOON + 2 * MINUTE, bad=lambda _: False)
    assert still_bad.entries.quarantined == good_now.entries.quarantined == 1
    assert newsroom.query("SELECT status, seen_count, last_seen_at FROM ops.quarantine") == [
        ("rejected", 3, NOON + 2 * MINUTE)
    ]
    assert newsroom.query("SELECT count(*) FROM core.fact_article") == [(0,)]
    assert newsroom.query(
        "SELECT verdict, fetched_count, quarantined_count FROM mart.batch_reconciliation"
        " WHERE trigger = 'review'"
    ) == [("rejected", 1, 1)]


def test_a_rejection_binds_this_text_of_this_feed_alone(newsroom: Newsroom, ctx: Context) -> None:
    feed, other = newsroom.add_feed("a"), newsroom.add_feed("b")
    newsroom.load((feed, [entry(BAD)]))
    reject(ctx, newsroom)
    passed = newsroom.load(
        (other, [entry(BAD)]), (feed, [entry("AI corrected")]), at=REVIEWED, bad=lambda _: False
    )
    assert (passed.articles.inserted, passed.articles.variant) == (1, 1)


def test_what_the_parser_lost_or_has_no_identity_cannot_be_loaded_but_can_be_rejected(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD, url=None)]), lost=1)
    refused = release(ctx, newsroom).refused
    assert [one.reason.split(",")[0] for one in refused] == [
        "it has neither a url nor a guid to be known by",
        "the parser could not read this entry",
    ]
    assert outcomes(reject(ctx, newsroom)) == ["rejected", "rejected"]


def test_a_text_that_its_feed_has_replaced_meanwhile_is_not_loaded_out_of_order(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD)]))
    newsroom.load((feed, [entry("AI corrected")]), at=NOON + MINUTE)
    assert [one.reason for one in release(ctx, newsroom).refused] == [
        "its feed has shown a later text of this article, loaded 2026-03-01 12:01:00Z: reject it"
    ]
    assert [row[3] for row in newsroom.timeline("https://o.example/1")] == ["AI corrected"]
    assert newsroom.query("SELECT status FROM ops.quarantine") == [("open",)]


def test_an_article_that_its_feed_no_longer_shows_has_left_when_it_was_first_missing(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    newsroom.load((feed, [entry(BAD)]))
    newsroom.load((feed, [entry("AI", url="https://o.example/2")]), at=NOON + MINUTE)
    add_fetch(newsroom, "batch-2", feed, NOON + MINUTE)
    release(ctx, newsroom)
    left = newsroom.query("SELECT left_at FROM core.fact_sighting ORDER BY first_seen_at")
    assert left == [(NOON + MINUTE,), (None,)]


def add_fetch(newsroom: Newsroom, batch_id: str, feed_key: int, at: datetime) -> None:
    newsroom.query(f"SELECT ops.create_partitions('{at}', '{at}')")
    newsroom.query(
        "INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome, wire_bytes,"
        f" body_bytes, fetch_ms) VALUES ('{batch_id}', {feed_key}, '{at}', 'x', 'new', 1, 1, 1)"
        " RETURNING 1"
    )


def test_several_texts_of_one_article_are_released_in_their_order(
    newsroom: Newsroom, ctx: Context
) -> None:
    feed = newsroom.add_feed("a")
    for number in range(3):
        newsroom.load((feed, [entry(f"{BAD} {number}")]), at=NOON + number * MINUTE)
    report = release(ctx, newsroom)
    assert outcomes(report) == ["inserted", "revised", "revised"]
    assert [row[3] for row in newsroom.timeline("https://o.example/1")] == [
        f"{BAD} 0",
        f"{BAD} 1",
        f"{BAD} 2",
    ]


def test_a_record_on_no_topic_by_the_rules_in_force_is_released_to_off_topic(
    newsroom: Newsroom, ctx: Context
) -> None:
    # on topic for the rules of then, which the test stands in for
    newsroom.load((newsroom.add_feed("a"), [entry("bad AIR: the cup is won")]))
    assert outcomes(release(ctx, newsroom)) == ["off_topic"]
    assert newsroom.query("SELECT title FROM ops.off_topic") == [("bad AIR: the cup is won",)]
    assert newsroom.query("SELECT off_topic_count FROM ops.batch WHERE trigger = 'review'") == [
        (1,)
    ]


def test_a_record_of_a_dedicated_feed_is_on_its_topic(newsroom: Newsroom, ctx: Context) -> None:
    feed = newsroom.add_feed("a")
    newsroom.query("UPDATE ops.feed SET topics = '{china_travel}' RETURNING 1")
    newsroom.load((feed, [entry("bad AIR: the cup is won")]))
    assert outcomes(release(ctx, newsroom)) == ["inserted"]
    assert newsroom.query("SELECT topics FROM mart.articles") == [(["china_travel"],)]


def test_a_review_whose_runner_died_is_abandoned_and_its_record_can_be_decided_on(
    newsroom: Newsroom, ctx: Context
) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry(BAD)]))
    with begin_records_batch(ctx, "review"):
        assert finish_expired_batches(ctx) == ()
    assert outcomes(release(ctx, newsroom)) == ["inserted"]
    assert newsroom.query(
        "SELECT state, verdict FROM ops.batch WHERE trigger = 'review' ORDER BY state"
    ) == [("abandoned", None), ("done", "released")]


@pytest.mark.usefixtures("warehouse")
def test_the_command_decides_on_what_it_can_and_exits_1_for_the_rest(
    newsroom: Newsroom, capsys: pytest.CaptureFixture[str]
) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry(BAD)]))
    (key,) = keys(newsroom)
    assert run("release", str(key), "999", "--reviewer", "ann") == 1
    printed = capsys.readouterr()
    assert printed.out == f"#{key} released: a new article\n"
    assert printed.err == "#999: there is no such record\n"
    assert run("reject", str(key), "--json") == 1
    report = json.loads(capsys.readouterr().out)
    assert report["records"] == report["batches"] == []
    assert report["refused"][0]["reason"].startswith("already released by ann at 2")


def run(*arguments: str) -> int:
    return app(["quarantine", *arguments], standalone_mode=False) or 0


def test_records_and_batches_are_not_decided_on_in_one_command() -> None:
    with pytest.raises(Exception, match="give one batch, or the numbers of records"):
        run("release", "1", "20261128T101500Z-5f0c2a1b")


def test_more_records_than_a_chunk_are_decided_on_chunk_by_chunk(
    newsroom: Newsroom, ctx: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("silkwire.pipeline.quarantine.release.CHUNK", 2)
    entries = [entry(f"{BAD} {n}", url=f"https://o.example/{n}", position=n) for n in range(5)]
    newsroom.load((newsroom.add_feed("a"), entries))
    report = release(ctx, newsroom)
    assert outcomes(report) == ["inserted"] * 5
    assert len(report.batches) == 3
    assert newsroom.query("SELECT sum(fetched_count) FROM ops.batch WHERE trigger = 'review'") == [
        (5,)
    ]


@pytest.mark.parametrize(
    ("moment", "articles_left"),
    [("begun", 0), ("load_records", 0), ("archive_decision", 0), ("committed", 1)],
)
def test_a_release_that_is_killed_has_no_effect_or_all_of_it_and_can_be_repeated(
    newsroom: Newsroom, ctx: Context, moment: str, articles_left: int
) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry(BAD)]))
    kill_release(ctx, keys(newsroom), moment)
    assert newsroom.query("SELECT count(*) FROM core.fact_article") == [(articles_left,)]
    again = release(ctx, newsroom)
    assert (len(again.records), len(again.refused)) == (1 - articles_left, articles_left)
    assert newsroom.query("SELECT count(*) FROM core.fact_article") == [(1,)]
    assert newsroom.query("SELECT count(*) FROM ops.batch WHERE state = 'running'") == [(0,)]
    found = find_batches(ctx.settings.data_root)
    verdicts = [batch.decision.verdict for batch in found if batch.decision is not None]
    assert sorted(verdicts) == ["abandoned"] * (1 - articles_left) + ["released"]


def kill_release(ctx: Context, record_keys: list[int], moment: str) -> None:
    """Release in a process of its own that dies right after `moment`."""
    child = os.fork()
    if child == 0:
        ctx.engine.dispose(close=False)
        if moment == "begun":
            release_module.load_records = die
        elif moment == "committed":
            release_reject.DecidedRecord = die
        else:
            real = getattr(release_module, moment)
            setattr(release_module, moment, lambda *given, **more: die(real(*given, **more)))
        release_records(ctx, record_keys, reviewer="ann")
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)
