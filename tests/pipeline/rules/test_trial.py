"""Other rules tried on what is there: what they would gain and lose, and nothing else changes."""

import json
import shutil
from pathlib import Path

import pytest

from helpers.picture import take_picture
from helpers.rules import GOOD
from helpers.teastand import BOTH, COFFEE, HOUR, NOON, TeaStand, read_leaves
from silkwire.cli.app import app
from silkwire.errors import ConfigError
from silkwire.pipeline import open_context
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.rules.find import find_rules
from silkwire.pipeline.rules.trial import try_rules


def test_a_trial_tells_what_would_be_gained_and_lost_and_changes_nothing(
    trial: TeaStand,
) -> None:
    read_leaves(trial)
    before = take_picture(trial.engine)
    report = trial.attempt(COFFEE)
    (tea,) = report.topics
    assert (tea.kept, tea.gained, tea.gained_off_topic, tea.lost) == (0, 0, 2, 2)
    assert (report.texts_judged, report.off_topic_judged, report.off_topic_unread) == (2, 2, 0)
    assert trial.changes() == [
        ("gained", "tea", "Espresso bars", "https://o.example/bars", "Bean", True, None,
         ["Espresso"]),
        ("gained", "tea", "Espresso is down", "https://o.example/espresso", "Leaf", True, None,
         ["Espresso"]),
        ("lost", "tea", "More tea", "https://o.example/more", "Bean", False, ["tea"], None),
        ("lost", "tea", "Tea is up", "https://o.example/tea", "Leaf", False, ["Tea"], None),
    ]  # fmt: skip
    assert take_picture(trial.engine) == before


def test_a_second_trial_does_nothing_and_one_that_was_stopped_goes_on(trial: TeaStand) -> None:
    read_leaves(trial)
    feeds = frozenset({trial.stand.server.url("Leaf")})
    part = trial.attempt(COFFEE, Selection(feed_urls=feeds))
    assert (part.texts_judged, part.off_topic_judged) == (1, 1)
    assert [row[2] for row in trial.changes()] == ["Espresso is down", "Tea is up"]
    rest = trial.attempt(COFFEE)
    assert (rest.texts_judged, rest.off_topic_judged) == (1, 1)
    decisions = trial.ask("SELECT * FROM core.fact_topic_match ORDER BY match_key")
    again = trial.attempt(COFFEE)
    assert (again.texts_judged, again.off_topic_judged, again.topics) == (0, 0, rest.topics)
    assert trial.ask("SELECT * FROM core.fact_topic_match ORDER BY match_key") == decisions
    assert len(decisions) == 4


def test_only_what_was_fetched_in_time_is_judged(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.stand.show("Leaf", ("Green tea", "green", "News"), ("Espresso is up", "up", "News"))
    trial.stand.read(NOON + HOUR, "Leaf")
    early = trial.attempt(COFFEE, Selection(until=NOON + HOUR / 2))
    late = trial.attempt(COFFEE, Selection(since=NOON + HOUR / 2))
    assert (early.texts_judged, early.off_topic_judged) == (2, 2)
    assert (late.texts_judged, late.off_topic_judged) == (1, 1)


def test_rules_that_say_the_same_change_nothing(trial: TeaStand) -> None:
    read_leaves(trial)
    report = trial.attempt(GOOD + "# a remark\n")
    (tea,) = report.topics
    assert (tea.kept, tea.gained, tea.gained_off_topic, tea.lost) == (2, 0, 0, 0)
    assert trial.changes() == []


def test_an_article_is_lost_only_with_the_last_of_its_texts(trial: TeaStand) -> None:
    trial.stand.show("Leaf", ("Tea is up", "1"))
    trial.stand.read(NOON)
    trial.stand.show("Leaf", ("Espresso is up", "1"))
    trial.stand.read(NOON + HOUR)
    (tea,) = trial.attempt(COFFEE).topics
    assert (tea.kept, tea.lost) == (1, 0)


def test_what_a_dedicated_feed_gave_is_no_matter_of_the_rules(trial: TeaStand) -> None:
    for folder in (trial.folder / "config", Path(trial.write(COFFEE))):
        rules = (folder / "topics" / "tea.yaml").rename(folder / "topics" / "ai.yaml")
        rules.write_text(rules.read_text("utf-8").replace("topic: tea", "topic: ai"), "utf-8")
    trial.stand.topics["Leaf"] = "ai"
    trial.stand.show("Leaf", ("Nothing in it", "1"))
    trial.stand.read(NOON)
    trial.stand.topics.clear()
    trial.stand.read(NOON + HOUR)
    ruleset = find_rules(trial.stand.settings, str(trial.folder / "tried"))
    with open_context(trial.stand.settings) as ctx:
        (ai,) = try_rules(ctx, ruleset).topics
    assert (ai.topic, ai.kept, ai.lost) == ("ai", 1, 0)


def test_without_a_summary_the_body_is_read_from_the_archive(trial: TeaStand) -> None:
    trial.stand.server.documents["Leaf"] = (
        b"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        b"<title>t</title><item><title>Morning</title><link>https://o.example/1</link>"
        b"<content:encoded>All about espresso, at length</content:encoded></item></channel></rss>"
    )
    trial.stand.read(NOON)
    (tea,) = trial.attempt(COFFEE).topics
    assert tea.gained_off_topic == 1
    for file in (trial.folder / "home").rglob("*-000.warc.gz"):
        file.unlink()
    report = trial.attempt(BOTH)
    assert (report.off_topic_judged, report.off_topic_unread) == (0, 1)
    assert report.topics[0].gained_off_topic == 0


def test_an_entry_that_was_shown_again_is_judged_again(trial: TeaStand) -> None:
    read_leaves(trial)
    trial.attempt(COFFEE)
    trial.stand.show("Leaf", ("Milk is down", "espresso", "News"), ("Tea is up", "tea", "News"))
    trial.stand.read(NOON + HOUR, "Leaf")
    report = trial.attempt(COFFEE)
    assert (report.off_topic_judged, report.topics[0].gained_off_topic) == (1, 1)


def test_the_command_prints_a_table_and_tells_how_to_go_on(
    trial: TeaStand, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_leaves(trial)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(trial.stand.settings.config_dir))
    assert app(["replay", "--ruleset", trial.write(BOTH)], standalone_mode=False) in (0, None)
    printed = capsys.readouterr().out
    assert "+ tea: Espresso bars  [Espresso]" in printed
    assert "this run matched 2 texts and 2 off-topic entries" in printed
    assert (
        f"put them into {trial.folder / 'config' / 'topics'}, then silkwire topics adopt" in printed
    )
    app(["replay", "--ruleset", trial.write(BOTH), "--json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert (report["texts_judged"], report["topics"][0]["gained_off_topic"]) == (0, 2)


def test_rules_are_found_by_folder_or_version(trial: TeaStand) -> None:
    settings = trial.stand.settings
    read_leaves(trial)
    version = find_rules(settings, str(settings.config_dir / "topics")).version
    trial.configure(BOTH)
    assert find_rules(settings, str(settings.config_dir)).version != version
    assert find_rules(settings, version[:8]).version == version  # out of the archive
    (folder,) = (trial.folder / "home").rglob("rulesets")
    shutil.rmtree(folder)
    with pytest.raises(ConfigError, match="neither a folder of topic rules nor a version"):
        find_rules(settings, version[:8])


@pytest.mark.parametrize("name", ["no-such-folder", "", "0123456789ab"])
def test_what_is_no_ruleset_is_one_sentence(trial: TeaStand, name: str) -> None:
    with pytest.raises(ConfigError, match="neither a folder of topic rules nor a version"):
        find_rules(trial.stand.settings, name)


def test_a_mistake_in_the_rules_is_named_by_file_and_line(trial: TeaStand, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no topic rules"):
        find_rules(trial.stand.settings, str(tmp_path / "empty"))
    with pytest.raises(ConfigError, match=r"tea\.yaml:2: .*titel"):
        find_rules(trial.stand.settings, trial.write(GOOD.replace("title: Tea", "titel: Tea")))
