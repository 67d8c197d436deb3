"""Rules adopted for what is there: what they lose goes, what they gain comes in, once."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import Engine, text

from helpers.picture import take_picture
from helpers.replaying import EMPTIED
from helpers.rules import GOOD
from helpers.teastand import BOTH, COFFEE, HOUR, NOON, TeaStand, adopt, read_leaves, titles
from silkwire.cli.app import app
from silkwire.errors import BatchError, ConfigError
from silkwire.pipeline import open_context, read_watches
from silkwire.pipeline.history.parts import Part
from silkwire.pipeline.notify.watches import queue_findings
from silkwire.pipeline.replay.run import replay
from silkwire.pipeline.upkeep.retention import clean


def test_articles_are_lost_and_gained_only_when_the_rules_are_adopted(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.attempt(COFFEE)
    assert titles(trial) == ["More tea", "Tea is up"]
    report = adopt(trial, COFFEE)
    assert titles(trial) == ["Espresso bars", "Espresso is down"]
    assert (report.outcomes, report.unread, len(report.batches)) == ({"inserted": 2}, 0, 1)
    assert trial.ask("SELECT count(*) FROM ops.off_topic") == [(0,)]
    assert trial.ask("SELECT sum(backlog_count) FROM mart.topic_daily") == [(2,)]
    assert trial.changes() == []
    # The old decisions stay with their version.
    assert trial.ask(
        "SELECT is_match, count(*) FROM core.fact_topic_match JOIN core.dim_ruleset"
        " USING (ruleset_key) WHERE adopted_at < '2026-03-01 20:00Z' GROUP BY 1"
    ) == [(True, 2)]
    assert trial.ask(
        "SELECT trigger, reviewer, verdict, fetched_count, inserted_count FROM ops.batch"
        " WHERE reviewer IS NOT NULL"
    ) == [("adopt", "adopt", "released", 2, 2)]


def test_what_is_gained_is_whole_and_seen_when_its_feed_first_showed_it(trial: TeaStand) -> None:
    published = "Sun, 01 Mar 2026 09:30:00 GMT"
    bars = ("Espresso bars", "bars", "News of them", published)
    trial.stand.show("Bean", bars)
    trial.stand.read(NOON)
    trial.stand.show("Bean", bars, ("Tea", "tea", "News"))
    trial.stand.read(NOON + HOUR)
    trial.stand.show("Bean", ("Tea", "tea", "News"))
    trial.stand.read(NOON + 2 * HOUR)
    adopt(trial, BOTH)
    assert trial.ask(
        "SELECT title, summary, first_seen_at, published_at, outlet, edit_count"
        " FROM mart.articles WHERE title LIKE 'Esp%'"
    ) == [("Espresso bars", "News of them", NOON, NOON - 2.5 * HOUR, "Bean", 0)]
    assert trial.ask(
        "SELECT first_seen_at, left_at FROM core.fact_sighting WHERE link LIKE '%bars'"
    ) == [(NOON, NOON + 2 * HOUR)]
    assert trial.ask(
        "SELECT matched_text FROM mart.why_matched WHERE field = 'title'"
        " AND title LIKE 'Esp%'"
    ) == [("Espresso",)]  # fmt: skip


def test_an_entry_that_was_edited_comes_in_with_its_first_text_and_its_last(
    trial: TeaStand,
) -> None:
    for hour, title in enumerate(("Espresso is up", "Espresso is down")):
        trial.stand.show("Bean", (title, "1", "News"))
        trial.stand.read(NOON + hour * HOUR)
    report = adopt(trial, COFFEE)
    assert report.outcomes == {"inserted": 1, "revised": 1}
    assert trial.ask("SELECT title, first_seen_at, edit_count FROM mart.articles") == [
        ("Espresso is down", NOON, 1)
    ]


def test_a_second_adoption_does_nothing(trial: TeaStand) -> None:
    read_leaves(trial)
    adopt(trial, BOTH)
    before = take_picture(trial.engine), trial.ask("SELECT * FROM ops.batch ORDER BY 1")
    report = adopt(trial, BOTH, hour=11)
    assert (report.texts_judged, report.outcomes, report.batches) == (0, {}, [])
    assert report.replaced == report.ruleset
    assert (
        take_picture(trial.engine),
        trial.ask("SELECT * FROM ops.batch ORDER BY 1"),
    ) == before


def test_rules_that_gain_nothing_are_in_force_all_the_same(trial: TeaStand) -> None:
    trial.stand.show("Leaf", ("Tea is up", "1"))
    trial.stand.read(NOON)
    report = adopt(trial, COFFEE)
    assert (titles(trial), report.outcomes, len(report.batches)) == ([], {}, 1)
    assert titles(trial) == []
    assert adopt(trial, GOOD, hour=11).texts_judged == 0
    assert titles(trial) == ["Tea is up"]


def test_what_a_batch_of_the_new_rules_brought_before_is_not_doubled(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.configure(BOTH)
    trial.stand.show("Leaf", ("Espresso is down", "espresso", "News"), ("Milk", "milk", "News"))
    trial.stand.read(NOON + HOUR, "Leaf")
    assert titles(trial) == ["Espresso is down", "More tea", "Tea is up"]
    assert adopt(trial, BOTH).outcomes == {"inserted": 1}
    assert titles(trial) == ["Espresso bars", "Espresso is down", "More tea", "Tea is up"]


def test_what_fails_validation_waits_in_quarantine(trial: TeaStand) -> None:
    trial.stand.show("Bean", ("", "1", "All about espresso"))
    trial.stand.read(NOON)
    assert trial.ask("SELECT count(*) FROM ops.off_topic") == [(1,)]
    assert adopt(trial, COFFEE).outcomes == {"quarantined": 1}
    assert trial.ask("SELECT entry_url, status FROM ops.quarantine") == [
        ("https://o.example/1", "open")
    ]
    assert adopt(trial, COFFEE, hour=11).outcomes == {}


def test_what_is_gone_from_the_archive_stays_off_topic_and_is_counted(trial: TeaStand) -> None:
    read_leaves(trial)
    for file in (trial.folder / "home").rglob("*-000.warc.gz"):
        file.unlink()
    report = adopt(trial, COFFEE)
    assert (report.unread, report.outcomes, titles(trial)) == (2, {}, [])
    assert trial.ask("SELECT count(*) FROM ops.off_topic") == [(2,)]
    assert [row[2] for row in trial.changes()] == ["Espresso bars", "Espresso is down"]


def test_other_rules_than_the_configured_ones_are_refused(trial: TeaStand) -> None:
    read_leaves(trial)
    tried = trial.attempt(COFFEE).ruleset
    with pytest.raises(ConfigError, match=f"not {tried[:12]}: put those there first"):
        adopt(trial, BOTH, tried[:12])
    assert titles(trial) == ["More tea", "Tea is up"]
    adopt(trial, COFFEE, tried[:12])


def test_a_held_batch_is_decided_on_first(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.stand.show("Blog", *[("", f"bad{n}", "all about tea") for n in range(9)])
    held = trial.stand.read(NOON + HOUR, "Blog")
    assert held.verdict == "held"
    with pytest.raises(BatchError, match="a batch is held: release or reject it first"):
        adopt(trial, COFFEE)
    trial.stand.release(NOON + 2 * HOUR, held.batch_id)
    adopt(trial, COFFEE)


def test_an_adoption_that_is_killed_is_finished_by_the_next(
    trial: TeaStand, warehouse: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    for hour, title in enumerate(("Espresso is up", "Espresso is down")):
        trial.stand.show("Bean", (title, "1", "News"), ("Espresso bars", "2", "News"))
        trial.stand.read(NOON + hour * HOUR)
    trial.configure(COFFEE)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    # The second batch, with the last text of the one that was edited, is killed before its commit.
    killed = subprocess.run(
        [sys.executable, "-c", _DIE_IN_SECOND_BATCH], env=dict(os.environ), check=False, timeout=300
    )
    assert killed.returncode == -signal.SIGKILL
    assert titles(trial) == ["Espresso bars", "Espresso is up"]
    assert adopt(trial, COFFEE).outcomes == {"unchanged": 2, "revised": 1}
    assert titles(trial) == ["Espresso bars", "Espresso is down"]
    assert trial.ask(
        "SELECT state, verdict, count(*) FROM ops.batch WHERE trigger = 'adopt' GROUP BY 1, 2"
        " ORDER BY 1"
    ) == [("abandoned", None, 1), ("done", "released", 3)]
    assert trial.ask("SELECT count(*) FROM ops.off_topic") == [(0,)]


_DIE_IN_SECOND_BATCH = """
import os, signal
from silkwire.config import read_settings
from silkwire.pipeline import open_context
from silkwire.pipeline.rules import adopt

delete, calls = adopt.delete_loaded, []

def die(*args):
    calls.append(args)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    delete(*args)

adopt.delete_loaded = die
with open_context(read_settings()) as ctx:
    adopt.adopt_rules(ctx)
"""


def test_a_rebuild_from_the_archive_adopts_again(
    trial: TeaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edited, failing, copied and left entries; then the old rules, and a feed that goes on."""
    monkeypatch.setattr("silkwire.pipeline.rules.adopt.CHUNK", 1)
    read_leaves(trial)
    trial.stand.show("Bean", ("More tea", "more", "News"), ("Espresso bar", "bars", "News"))
    trial.stand.show("Leaf", ("", "bad", "All about espresso"), ("Espresso bars", "bars", "News"))
    trial.stand.read(NOON + HOUR)
    trial.stand.show("Bean", ("Espresso is up again", "more", "News"))
    trial.attempt(COFFEE)
    adopt(trial, COFFEE, hour=3)
    trial.stand.read(NOON + 4 * HOUR)
    known = [take_picture(trial.engine)]
    adopt(trial, GOOD, hour=5)
    trial.stand.show("Leaf", ("Tea to the last", "last", "News"))
    trial.stand.read(NOON + 6 * HOUR)
    known.append(take_picture(trial.engine))
    assert titles(trial) == ["Espresso is up again", "Tea is up", "Tea to the last"]
    with trial.engine.begin() as conn:
        conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))
    for until, picture in zip((NOON + 4.5 * HOUR, NOON + 9 * HOUR), known, strict=True):
        part = Part(None, until)
        report = replay(trial.stand.settings, part=part, now=lambda: NOON + 40 * HOUR)
        assert report.reviews_refused == []
        for name, rows in picture.items():
            assert take_picture(trial.engine, [name])[name] == rows, name
    again = replay(trial.stand.settings, now=lambda: NOON + 41 * HOUR)
    assert (again.batches.replayed, again.batches.known) == (0, again.batches.found)


def test_what_was_shown_long_ago_is_told_to_nobody(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.stand.show("Leaf", ("Espresso today", "today", "News"))
    trial.stand.read(NOON + 30 * HOUR, "Leaf")
    watch = "watches: [{name: coffee, topics: tea, to: 'json://127.0.0.1:1/'}]"
    (trial.folder / "config" / "watches.yaml").write_text(watch, "utf-8")
    assert note(trial, hour=29) == 0
    adopt(trial, COFFEE, hour=31)
    assert note(trial, hour=31) == 1


def note(trial: TeaStand, *, hour: int) -> int:
    with (
        open_context(trial.stand.settings, now=lambda: NOON + hour * HOUR) as ctx,
        ctx.engine.begin() as conn,
    ):
        return queue_findings(conn, read_watches(ctx).watches, ctx.now())


def test_trials_are_forgotten_and_adopted_rules_never(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.attempt(COFFEE)
    adopt(trial, BOTH)
    with open_context(trial.stand.settings, now=lambda: NOON + timedelta(days=40)) as ctx:
        clean(ctx)
    assert trial.ask(
        "SELECT adopted_at IS NULL, count(*) FROM core.dim_ruleset JOIN core.fact_topic_match"
        " USING (ruleset_key) GROUP BY ruleset_key ORDER BY ruleset_key"
    ) == [(False, 2), (False, 4)]


def test_the_command_says_what_came_in(
    trial: TeaStand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_leaves(trial)
    trial.configure(COFFEE)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    assert app(["topics", "adopt"], standalone_mode=False) in (0, None)
    assert "off-topic entries loaded: 2 inserted." in capsys.readouterr().out
    app(["topics", "adopt", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["outcomes"] == {}
