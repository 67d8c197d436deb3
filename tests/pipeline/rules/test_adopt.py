"""Rules adopted for what is there: what they lose goes, what they gain comes in, once."""

import json
import os
import signal
import subprocess
import sys
from datetime import datetime, timedelta
from itertools import count

import pytest
from sqlalchemy import Engine, text
from test_trial import BOTH, COFFEE, HOUR, NOON, Desk, desk, read_leaves

from helpers.picture import take_picture
from helpers.replaying import EMPTIED
from helpers.rules import GOOD
from silkwire.cli.app import app
from silkwire.errors import BatchError, ConfigError
from silkwire.pipeline import open_context, read_watches
from silkwire.pipeline.history.parts import Part
from silkwire.pipeline.notify.watches import note_findings
from silkwire.pipeline.replay.run import replay
from silkwire.pipeline.rules.adopt import AdoptionReport, adopt_rules
from silkwire.pipeline.upkeep.retention import clean

__all__ = ["desk"]  # the fixture


def adopt(
    desk: Desk,
    rules: str,
    version: str | None = None,
    *,
    hour: float = 10,
    since: datetime | None = None,
) -> AdoptionReport:
    desk.configure(rules)
    ticks = count()  # what is done later must be so when it is replayed
    clock = lambda: NOON + hour * HOUR + next(ticks) * timedelta(milliseconds=1)  # noqa: E731
    with open_context(desk.stand.settings, now=clock) as ctx:
        return adopt_rules(ctx, version, since=since)


def titles(desk: Desk) -> list[object]:
    return [row[0] for row in desk.ask("SELECT title FROM mart.articles ORDER BY title")]


def test_articles_are_lost_and_gained_only_when_the_rules_are_adopted(desk: Desk) -> None:
    read_leaves(desk)
    desk.attempt(COFFEE)
    assert titles(desk) == ["More tea", "Tea is up"]
    report = adopt(desk, COFFEE)
    assert titles(desk) == ["Espresso bars", "Espresso is down"]
    assert (report.outcomes, report.unread, len(report.batches)) == ({"inserted": 2}, 0, 1)
    assert desk.ask("SELECT count(*) FROM ops.off_topic") == [(0,)]
    assert desk.ask("SELECT sum(article_count) FROM mart.topic_daily") == [(2,)]
    assert desk.changes() == []
    # The old decisions stay with their version.
    assert desk.ask(
        "SELECT is_match, count(*) FROM core.fact_topic_match JOIN core.dim_ruleset"
        " USING (ruleset_key) WHERE adopted_at < '2026-03-01 20:00Z' GROUP BY 1"
    ) == [(True, 2)]
    assert desk.ask(
        "SELECT trigger, reviewer, verdict, fetched_count, inserted_count FROM ops.batch"
        " WHERE reviewer IS NOT NULL"
    ) == [("review", "adopt", "released", 2, 2)]


def test_what_is_gained_is_whole_and_seen_when_its_feed_first_showed_it(desk: Desk) -> None:
    published = "Sun, 01 Mar 2026 09:30:00 GMT"
    bars = ("Espresso bars", "bars", "News of them", published)
    desk.stand.show("Bean", bars)
    desk.stand.read(NOON)
    desk.stand.show("Bean", bars, ("Tea", "tea", "News"))
    desk.stand.read(NOON + HOUR)
    desk.stand.show("Bean", ("Tea", "tea", "News"))
    desk.stand.read(NOON + 2 * HOUR)
    adopt(desk, BOTH)
    assert desk.ask(
        "SELECT title, summary, first_seen_at, published_at, outlet, edit_count"
        " FROM mart.articles WHERE title LIKE 'Esp%'"
    ) == [("Espresso bars", "News of them", NOON, NOON - 2.5 * HOUR, "Bean", 0)]
    assert desk.ask(
        "SELECT first_seen_at, left_at FROM core.fact_sighting WHERE link LIKE '%bars'"
    ) == [(NOON, NOON + 2 * HOUR)]
    assert desk.ask(
        "SELECT matched_text FROM mart.why_matched WHERE field = 'title'"
        " AND title LIKE 'Esp%'"
    ) == [("Espresso",)]  # fmt: skip


def test_an_entry_that_was_edited_comes_in_with_its_first_text_and_its_last(desk: Desk) -> None:
    for hour, title in enumerate(("Espresso is up", "Espresso is down")):
        desk.stand.show("Bean", (title, "1", "News"))
        desk.stand.read(NOON + hour * HOUR)
    report = adopt(desk, COFFEE)
    assert report.outcomes == {"inserted": 1, "revised": 1}
    assert desk.ask("SELECT title, first_seen_at, edit_count FROM mart.articles") == [
        ("Espresso is down", NOON, 1)
    ]


def test_a_second_adoption_does_nothing(desk: Desk) -> None:
    read_leaves(desk)
    adopt(desk, BOTH)
    before = take_picture(desk.engine), desk.ask("SELECT * FROM ops.batch ORDER BY 1")
    report = adopt(desk, BOTH, hour=11)
    assert (report.texts_judged, report.outcomes, report.batches) == (0, {}, [])
    assert report.replaced == report.ruleset
    assert (take_picture(desk.engine), desk.ask("SELECT * FROM ops.batch ORDER BY 1")) == before


def test_rules_that_gain_nothing_are_in_force_all_the_same(desk: Desk) -> None:
    desk.stand.show("Leaf", ("Tea is up", "1"))
    desk.stand.read(NOON)
    report = adopt(desk, COFFEE)
    assert (titles(desk), report.outcomes, len(report.batches)) == ([], {}, 1)
    assert titles(desk) == []
    assert adopt(desk, GOOD, hour=11).texts_judged == 0
    assert titles(desk) == ["Tea is up"]


def test_what_a_batch_of_the_new_rules_brought_before_is_not_doubled(desk: Desk) -> None:
    read_leaves(desk)
    desk.configure(BOTH)
    desk.stand.show("Leaf", ("Espresso is down", "espresso", "News"), ("Milk", "milk", "News"))
    desk.stand.read(NOON + HOUR, "Leaf")
    assert titles(desk) == ["Espresso is down", "More tea", "Tea is up"]
    assert adopt(desk, BOTH).outcomes == {"inserted": 1}
    assert titles(desk) == ["Espresso bars", "Espresso is down", "More tea", "Tea is up"]


def test_what_fails_validation_waits_in_quarantine(desk: Desk) -> None:
    desk.stand.show("Bean", ("", "1", "All about espresso"))
    desk.stand.read(NOON)
    assert desk.ask("SELECT count(*) FROM ops.off_topic") == [(1,)]
    assert adopt(desk, COFFEE).outcomes == {"quarantined": 1}
    assert desk.ask("SELECT entry_url, status FROM ops.quarantine") == [
        ("https://o.example/1", "open")
    ]
    assert adopt(desk, COFFEE, hour=11).outcomes == {}


def test_what_is_gone_from_the_archive_stays_off_topic_and_is_counted(desk: Desk) -> None:
    read_leaves(desk)
    for file in (desk.folder / "home").rglob("*-000.warc.gz"):
        file.unlink()
    report = adopt(desk, COFFEE)
    assert (report.unread, report.outcomes, titles(desk)) == (2, {}, [])
    assert desk.ask("SELECT count(*) FROM ops.off_topic") == [(2,)]
    assert [row[2] for row in desk.changes()] == ["Espresso bars", "Espresso is down"]


def test_other_rules_than_the_configured_ones_are_refused(desk: Desk) -> None:
    read_leaves(desk)
    tried = desk.attempt(COFFEE).ruleset
    with pytest.raises(ConfigError, match=f"not {tried[:12]}: put those there first"):
        adopt(desk, BOTH, tried[:12])
    assert titles(desk) == ["More tea", "Tea is up"]
    adopt(desk, COFFEE, tried[:12])


def test_a_held_batch_is_decided_on_first(desk: Desk) -> None:
    read_leaves(desk)
    desk.stand.show("Blog", *[("", f"bad{n}", "all about tea") for n in range(9)])
    held = desk.stand.read(NOON + HOUR, "Blog")
    assert held.verdict == "held"
    with pytest.raises(BatchError, match="a batch is held: release or reject it first"):
        adopt(desk, COFFEE)
    desk.stand.release(NOON + 2 * HOUR, held.batch_id)
    adopt(desk, COFFEE)


def test_an_adoption_that_is_killed_is_finished_by_the_next(
    desk: Desk, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour, title in enumerate(("Espresso is up", "Espresso is down")):
        desk.stand.show("Bean", (title, "1", "News"), ("Espresso bars", "2", "News"))
        desk.stand.read(NOON + hour * HOUR)
    desk.configure(COFFEE)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(desk.stand.settings.config_dir))
    # The second batch, with the last text of the one that was edited, is killed before its commit.
    killed = subprocess.run(
        [sys.executable, "-c", _DIE_IN_SECOND_BATCH], env=dict(os.environ), check=False, timeout=300
    )
    assert killed.returncode == -signal.SIGKILL
    assert titles(desk) == ["Espresso bars", "Espresso is up"]
    assert adopt(desk, COFFEE).outcomes == {"unchanged": 2, "revised": 1}
    assert titles(desk) == ["Espresso bars", "Espresso is down"]
    assert desk.ask(
        "SELECT state, verdict, count(*) FROM ops.batch WHERE trigger = 'review' GROUP BY 1, 2"
        " ORDER BY 1"
    ) == [("abandoned", None, 1), ("done", "released", 3)]
    assert desk.ask("SELECT count(*) FROM ops.off_topic") == [(0,)]


_DIE_IN_SECOND_BATCH = """
import os, signal
from silkwire.config import read_settings
from silkwire.pipeline import adopt, open_context

forget, calls = adopt.forget, []

def die(conn, done):
    calls.append(done)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    forget(conn, done)

adopt.forget = die
with open_context(read_settings()) as ctx:
    adopt.adopt_rules(ctx)
"""


def test_a_rebuild_from_the_archive_adopts_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited, failing, copied and left entries; then the old rules, and a feed that goes on."""
    monkeypatch.setattr("silkwire.pipeline.rules.adopt.CHUNK", 1)
    read_leaves(desk)
    desk.stand.show("Bean", ("More tea", "more", "News"), ("Espresso bar", "bars", "News"))
    desk.stand.show("Leaf", ("", "bad", "All about espresso"), ("Espresso bars", "bars", "News"))
    desk.stand.read(NOON + HOUR)
    desk.stand.show("Bean", ("Espresso is up again", "more", "News"))
    desk.attempt(COFFEE)
    adopt(desk, COFFEE, hour=3)
    desk.stand.read(NOON + 4 * HOUR)
    known = [take_picture(desk.engine)]
    adopt(desk, GOOD, hour=5)
    desk.stand.show("Leaf", ("Tea to the last", "last", "News"))
    desk.stand.read(NOON + 6 * HOUR)
    known.append(take_picture(desk.engine))
    assert titles(desk) == ["Espresso is up again", "Tea is up", "Tea to the last"]
    with desk.engine.begin() as conn:
        conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))
    for until, picture in zip((NOON + 4.5 * HOUR, NOON + 9 * HOUR), known, strict=True):
        part = Part(None, until)
        report = replay(desk.stand.settings, part=part, now=lambda: NOON + 40 * HOUR)
        assert report.reviews_refused == []
        for name, rows in picture.items():
            assert take_picture(desk.engine, [name])[name] == rows, name
    again = replay(desk.stand.settings, now=lambda: NOON + 41 * HOUR)
    assert (again.batches.replayed, again.batches.known) == (0, again.batches.found)


def test_what_was_shown_long_ago_is_told_to_nobody(desk: Desk) -> None:
    read_leaves(desk)
    desk.stand.show("Leaf", ("Espresso today", "today", "News"))
    desk.stand.read(NOON + 30 * HOUR, "Leaf")
    watch = "watches: [{name: coffee, topics: tea, to: 'json://127.0.0.1:1/'}]"
    (desk.folder / "config" / "watches.yaml").write_text(watch, "utf-8")
    assert note(desk, hour=29) == 0
    adopt(desk, COFFEE, hour=31)
    assert note(desk, hour=31) == 1


def note(desk: Desk, *, hour: int) -> int:
    with (
        open_context(desk.stand.settings, now=lambda: NOON + hour * HOUR) as ctx,
        ctx.engine.begin() as conn,
    ):
        return note_findings(conn, read_watches(ctx).watches, ctx.now())


def test_trials_are_forgotten_and_adopted_rules_never(desk: Desk) -> None:
    read_leaves(desk)
    desk.attempt(COFFEE)
    adopt(desk, BOTH)
    with open_context(desk.stand.settings, now=lambda: NOON + timedelta(days=40)) as ctx:
        clean(ctx)
    assert desk.ask(
        "SELECT adopted_at IS NULL, count(*) FROM core.dim_ruleset JOIN core.fact_topic_match"
        " USING (ruleset_key) GROUP BY ruleset_key ORDER BY ruleset_key"
    ) == [(False, 2), (False, 4)]


def test_the_command_says_what_came_in(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_leaves(desk)
    desk.configure(COFFEE)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(desk.stand.settings.config_dir))
    assert app(["topics", "adopt"], standalone_mode=False) in (0, None)
    assert "off-topic entries loaded: 2 inserted." in capsys.readouterr().out
    app(["topics", "adopt", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["outcomes"] == {}
