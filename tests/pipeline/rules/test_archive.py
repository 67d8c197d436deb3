"""Rules tried on what the warehouse remembers no more, and the archive does."""

import json
import os
import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from helpers.picture import EVERYTHING, take_picture
from helpers.replaying import EMPTIED
from helpers.teastand import BOTH, COFFEE, HOUR, NOON, TeaStand, adopt, read_leaves, titles
from silkwire.airflow import replay_tasks
from silkwire.archive import Damage
from silkwire.cli.app import app
from silkwire.errors import ConfigError
from silkwire.pipeline import open_context
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.replay.run import replay
from silkwire.pipeline.upkeep.retention import Cleaned, clean

MONTH = 40 * 24
"""Hours after which what was off topic is forgotten."""
REMEMBERED = "SELECT * FROM ops.off_topic ORDER BY title"


def forget(trial: TeaStand, *, hour: float = MONTH) -> Cleaned:
    with open_context(trial.stand.settings, now=lambda: NOON + hour * HOUR) as ctx:
        return clean(ctx)


def gains(trial: TeaStand) -> list[tuple[object, ...]]:
    return trial.ask(
        "SELECT title, outlet, first_seen_at, words_after FROM mart.ruleset_changes"
        " WHERE change = 'gained' ORDER BY first_seen_at, title"
    )


def read_bars(trial: TeaStand, hour: int = 0) -> None:
    """An entry off topic in the documents of three hours; it is gone from the next."""
    bars = ("Espresso bars", "bars", "News of them")
    for number in range(3):
        trial.stand.show("Bean", bars, (f"Tea {number}", f"tea{number}", "News"))
        trial.stand.read(NOON + (hour + number) * HOUR, "Bean")
    trial.stand.show("Bean", ("More tea", "tea", "News"))
    trial.stand.read(NOON + (hour + 3) * HOUR, "Bean")


def test_what_was_forgotten_is_found_again_with_its_words(trial: TeaStand) -> None:
    read_leaves(trial)
    remembered = trial.ask(REMEMBERED)
    assert forget(trial).off_topic_count == 2
    picture = take_picture(trial.engine, set(EVERYTHING) - {"off_topic_recent"})
    report = trial.attempt(COFFEE, hour=MONTH)
    assert (report.off_topic_judged, report.topics[0].gained_off_topic) == (0, 2)
    reading = report.archive
    assert (reading.batches_read, reading.documents_read, reading.entries_judged) == (1, 2, 4)
    assert (reading.batches_gone, reading.documents_lost, reading.damages) == (0, 0, [])
    assert gains(trial) == [
        ("Espresso bars", "Bean", NOON, ["Espresso"]),
        ("Espresso is down", "Leaf", NOON, ["Espresso"]),
    ]
    assert trial.ask(REMEMBERED) == remembered
    assert take_picture(trial.engine, picture) == picture


def test_what_is_remembered_is_not_looked_for(trial: TeaStand) -> None:
    read_leaves(trial)
    report = trial.attempt(COFFEE)
    assert (report.off_topic_judged, report.archive.batches_read) == (2, 0)


def test_it_is_adopted_once_with_its_own_times(trial: TeaStand) -> None:
    read_bars(trial)
    forget(trial)
    trial.attempt(COFFEE, hour=MONTH)
    report = adopt(trial, COFFEE, hour=MONTH + 1)
    assert (report.outcomes, report.unread, report.archive.batches_read) == ({"inserted": 1}, 0, 0)
    assert trial.ask(
        "SELECT title, summary, first_seen_at, outlet, edit_count FROM mart.articles"
    ) == [("Espresso bars", "News of them", NOON, "Bean", 0)]
    sightings = trial.ask(
        "SELECT first_seen_at, left_at FROM core.fact_sighting WHERE link LIKE '%bars'"
    )
    assert sightings == [(NOON, NOON + 3 * HOUR)]
    assert adopt(trial, COFFEE, hour=MONTH + 2).outcomes == {}
    assert titles(trial) == ["Espresso bars"]


def test_an_adoption_without_a_trial_reads_the_archive_as_far_back_as_it_is_told(
    trial: TeaStand,
) -> None:
    read_leaves(trial)
    trial.stand.show("Leaf", ("Espresso is up", "up", "News"))
    trial.stand.read(NOON + 24 * HOUR, "Leaf")
    forget(trial)
    late = adopt(trial, COFFEE, hour=MONTH, since=NOON + 12 * HOUR)
    assert (late.archive.batches_read, late.outcomes) == (1, {"inserted": 1})
    assert adopt(trial, COFFEE, hour=MONTH + 1).outcomes == {"inserted": 2}
    assert titles(trial) == ["Espresso bars", "Espresso is down", "Espresso is up"]


def test_a_trial_keeps_what_it_found_as_long_as_it_is_kept_itself(trial: TeaStand) -> None:
    read_leaves(trial)
    forget(trial)
    trial.attempt(COFFEE, hour=MONTH)
    assert forget(trial, hour=MONTH + 24).off_topic_count == 0
    assert len(gains(trial)) == 2
    assert forget(trial, hour=2 * MONTH).off_topic_count == 2
    assert (gains(trial), trial.ask("SELECT * FROM ops.off_topic_document")) == ([], [])
    assert trial.attempt(COFFEE, hour=2 * MONTH).archive.batches_read == 1
    assert len(gains(trial)) == 2


def test_what_was_tried_while_it_was_remembered_is_kept_too(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.attempt(COFFEE, hour=25 * 24)
    forget(trial, hour=32 * 24)
    assert trial.attempt(COFFEE, hour=32 * 24).topics[0].gained_off_topic == 2


def test_the_last_text_of_an_entry_decides_and_the_first_comes_in_too(trial: TeaStand) -> None:
    shown = (
        ("Espresso is up", "Milk is up"),
        ("Espresso is down", "Espresso and milk"),
        ("Milk, no more", "Espresso or milk"),
    )
    for hour, (one, other) in enumerate(shown):
        trial.stand.show("Bean", (one, "1", "News"), (other, "2", "News"))
        trial.stand.read(NOON + hour * HOUR)
    forget(trial)
    trial.attempt(COFFEE, hour=MONTH)
    assert gains(trial) == [("Espresso or milk", "Bean", NOON + HOUR, ["Espresso"])]
    assert adopt(trial, COFFEE, hour=MONTH).outcomes == {"inserted": 1, "revised": 1}
    assert trial.ask("SELECT title, first_seen_at, edit_count FROM mart.articles") == [
        ("Espresso or milk", NOON + HOUR, 1)
    ]


def test_what_came_on_topic_later_is_no_gain_and_gets_no_edit_back(trial: TeaStand) -> None:
    trial.stand.show("Bean", ("Espresso is up", "1", "News"))
    trial.stand.read(NOON)
    trial.stand.show("Bean", ("Espresso is up, tea is down", "1", "News"))
    trial.stand.read(NOON + HOUR)
    forget(trial)
    trial.attempt(BOTH, hour=MONTH)
    assert gains(trial) == []
    assert adopt(trial, BOTH, hour=MONTH).outcomes == {}
    assert trial.ask("SELECT title, first_seen_at, edit_count FROM mart.articles") == [
        ("Espresso is up, tea is down", NOON + HOUR, 0)
    ]


def test_what_was_on_topic_and_failed_is_no_gain(trial: TeaStand) -> None:
    trial.stand.show("Bean", ("", "1", "Tea and espresso"), ("Tea", "tea", "News"))
    trial.stand.read(NOON)
    assert trial.ask("DELETE FROM ops.quarantine RETURNING status") == [("open",)]  # by its age
    assert trial.attempt(BOTH, hour=MONTH).archive.entries_judged == 2
    assert gains(trial) == []


def test_what_fails_once_adopted_waits_in_quarantine_and_is_no_gain_again(
    trial: TeaStand,
) -> None:
    trial.stand.show("Bean", ("", "1", "All about espresso"))
    trial.stand.read(NOON)
    forget(trial)
    assert adopt(trial, COFFEE, hour=MONTH).outcomes == {"quarantined": 1}
    trial.attempt(BOTH, hour=MONTH)
    assert gains(trial) == []


def test_an_entry_of_two_feeds_comes_in_from_the_one_that_had_it_first(
    trial: TeaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("silkwire.pipeline.rules.adopt.CHUNK", 1)
    for hour, feeds in enumerate((["Leaf"], ["Bean", "Leaf"])):
        for feed in feeds:
            trial.stand.show(feed, ("Espresso bars", "bars", "News"), (feed, feed, "x"))
        trial.stand.show("Afar", ("Nothing", "0"))
        trial.stand.read(NOON + hour * HOUR)
    forget(trial)
    assert adopt(trial, COFFEE, hour=MONTH).outcomes == {"inserted": 1, "unchanged": 1}
    assert trial.ask("SELECT title, outlet, first_seen_at FROM mart.articles") == [
        ("Espresso bars", "Leaf", NOON)
    ]


def test_a_missing_file_is_named_and_read_once_it_is_back(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.stand.show("Leaf", ("Espresso is up", "up", "News"))
    trial.stand.read(NOON + HOUR, "Leaf")
    forget(trial)
    file = min((trial.folder / "home").rglob("*-000.warc.gz"))
    kept = file.read_bytes()
    file.unlink()
    reading = trial.attempt(COFFEE, hour=MONTH).archive
    (damage,) = reading.damages
    assert isinstance(damage, Damage)
    assert damage.archive_file.endswith(file.name)
    assert (reading.batches_read, reading.documents_read, reading.documents_lost) == (2, 1, 2)
    assert [row[0] for row in gains(trial)] == ["Espresso is up"]
    file.write_bytes(kept)
    assert trial.attempt(COFFEE, hour=MONTH).archive.batches_read == 1
    assert len(gains(trial)) == 3


def test_a_damaged_file_is_named_and_read_as_far_as_it_goes(trial: TeaStand) -> None:
    read_leaves(trial)
    forget(trial)
    (file,) = (trial.folder / "home").rglob("*-000.warc.gz")
    file.write_bytes(file.read_bytes()[:-200])
    reading = trial.attempt(COFFEE, hour=MONTH).archive
    assert [damage.archive_file for damage in reading.damages] == [
        str(file.relative_to(file.parents[4]))
    ]
    assert (reading.documents_read, len(gains(trial))) == (1, 1)


def test_batches_that_left_the_archive_are_counted(trial: TeaStand) -> None:
    read_leaves(trial)
    forget(trial)
    for file in (trial.folder / "home").rglob("*.warc.gz"):
        file.unlink()
    assert trial.attempt(COFFEE, hour=MONTH).archive.batches_gone == 1
    assert gains(trial) == []


def test_only_what_is_selected_is_read_and_the_rest_later(trial: TeaStand) -> None:
    read_leaves(trial)
    forget(trial)
    leaf = Selection(feed_urls=frozenset({trial.stand.server.url("Leaf")}))
    assert trial.attempt(COFFEE, leaf, hour=MONTH).archive.documents_read == 1
    assert [row[0] for row in gains(trial)] == ["Espresso is down"]
    later = Selection(since=NOON + HOUR)
    assert trial.attempt(COFFEE, later, hour=MONTH).archive.documents_read == 0
    assert trial.attempt(COFFEE, hour=MONTH).archive.documents_read == 2
    assert len(gains(trial)) == 2


def test_a_trial_that_was_killed_goes_on_and_one_that_is_done_reads_nothing(
    trial: TeaStand, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_bars(trial)
    forget(trial)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    killed = subprocess.run(
        [sys.executable, "-c", _DIE_IN_SECOND_BATCH, trial.write(COFFEE)],
        env=dict(os.environ), check=False, timeout=300,
    )  # fmt: skip
    assert killed.returncode == -signal.SIGKILL
    assert trial.ask("SELECT count(*) FROM ops.archive_trial") == [(1,)]
    report = trial.attempt(COFFEE, hour=MONTH)
    assert (report.archive.batches_read, report.topics[0].gained_off_topic) == (3, 1)
    assert trial.ask("SELECT first_seen_at, last_seen_at FROM ops.off_topic") == [
        (NOON, NOON + 2 * HOUR)
    ]
    rows = trial.ask(REMEMBERED), trial.ask("SELECT * FROM ops.off_topic_trial")
    again = trial.attempt(COFFEE, hour=MONTH)
    assert (again.archive.batches_read, again.topics) == (0, report.topics)
    assert (trial.ask(REMEMBERED), trial.ask("SELECT * FROM ops.off_topic_trial")) == rows


_DIE_IN_SECOND_BATCH = """
import os, signal, sys
from silkwire.config import read_settings
from silkwire.pipeline import open_context
from silkwire.pipeline.rules import archive
from silkwire.pipeline.rules.trial import try_rules
from silkwire.pipeline.rules.find import find_rules

note, calls = archive.note_read, []

def die(*args):
    calls.append(args)
    if len(calls) == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    note(*args)

archive.note_read = die
with open_context(read_settings()) as ctx:
    try_rules(ctx, find_rules(ctx.settings, sys.argv[1]))
"""


def test_a_rebuild_from_the_archive_adopts_again(trial: TeaStand) -> None:
    """Of what was read so long ago that the warehouse has forgotten the fetches, too."""
    read_leaves(trial)
    read_bars(trial, hour=1)
    trial.stand.show("Bean", ("Espresso is up", "more", "News"), ("Espresso bar", "bars", "News"))
    trial.stand.read(NOON + 9 * HOUR, "Bean")
    trial.stand.show("Bean", ("Espresso is up", "more", "News"))
    trial.stand.read(NOON + 10 * HOUR, "Bean")
    hour = 16 * 31 * 24
    assert "fetch_2026_03" in forget(trial, hour=hour).months
    trial.attempt(COFFEE, hour=hour)
    adopt(trial, COFFEE, hour=hour)
    trial.stand.read(NOON + (hour + 1) * HOUR)
    known = take_picture(trial.engine, set(EVERYTHING) - {"fetches", "data_quality_daily"})
    with trial.engine.begin() as conn:
        conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))
    report = replay(trial.stand.settings, now=lambda: NOON + (hour + 40) * HOUR)
    assert report.reviews_refused == []
    forget(trial, hour=hour + 40)
    for name, rows in known.items():
        assert take_picture(trial.engine, [name])[name] == rows, name
    assert "Espresso bar" in titles(trial)
    # What a replay loaded has another name here than in the archive.
    tried = trial.attempt(BOTH, hour=hour + 40)
    reading = tried.archive
    assert (reading.batches_read, reading.batches_gone, reading.damages) == (7, 0, [])
    assert tried.topics[0].gained_off_topic == 0


def test_the_command_says_what_it_read(
    trial: TeaStand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_leaves(trial)
    forget(trial)
    file = min((trial.folder / "home").rglob("*-000.warc.gz"))
    file.write_bytes(file.read_bytes()[:-200])
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    app(["replay", "--ruleset", trial.write(COFFEE)], standalone_mode=False)
    printed = capsys.readouterr().out
    assert "1 documents of 1 batches were read from the archive, with 2 entries" in printed
    assert f"Skipped archive/2026/03/01/{file.name} at byte " in printed
    app(["replay", "--ruleset", trial.write(COFFEE), "--json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert (report["archive"]["documents_read"], len(report["archive"]["damages"])) == (1, 1)


def test_the_dag_tries_rules_in_one_part(trial: TeaStand, monkeypatch: pytest.MonkeyPatch) -> None:
    read_leaves(trial)
    forget(trial)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    params = {"since": None, "until": None, "feeds": [], "ruleset": trial.write(COFFEE)}
    (part,) = replay_tasks.split_archive(params)
    assert part["name"].startswith("try ")
    report = replay_tasks.replay_part(params, **part)
    assert report["topics"]["tea"]["gained_off_topic"] == 2
    assert (report["archive"]["documents_read"], report["archive"]["damage_count"]) == (2, 0)
    json.dumps(report)
    with pytest.raises(ConfigError, match="neither a folder of topic rules nor a version"):
        replay_tasks.split_archive({**params, "ruleset": "no-such"})
