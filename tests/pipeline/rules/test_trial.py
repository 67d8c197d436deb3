"""Other rules tried on what is there: what they would gain and lose, and nothing else changes."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from helpers.newsstand import Newsstand, ask, open_newsstand
from helpers.picture import take_picture
from helpers.rules import GOOD, write_rules
from silkwire.cli.app import app
from silkwire.config import Settings
from silkwire.errors import ConfigError
from silkwire.pipeline import open_context
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.rules.find import find_rules
from silkwire.pipeline.rules.trial import TrialReport, try_rules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COFFEE = GOOD.replace("[tea, oolong*]", "[espresso]")
"""Tea by its name, but about other words."""
BOTH = GOOD.replace("[tea, oolong*]", "[tea, espresso]")


class Desk:
    """A newsstand whose topic is tea, and rules to try."""

    def __init__(self, stand: Newsstand, engine: Engine, folder: Path):
        self.folder, self.engine = folder, engine
        self.stand = stand
        self.configure(GOOD)

    def configure(self, rules: str) -> None:
        config = write_rules(self.folder / "config", rules)
        self.stand.settings = self.stand.settings.model_copy(update={"config_dir": config})

    def write(self, rules: str) -> str:
        return str(write_rules(self.folder / "tried", rules))

    def attempt(
        self, rules: str, selection: Selection = EVERYTHING, *, hour: float = 9
    ) -> TrialReport:
        ruleset = find_rules(self.stand.settings, self.write(rules))
        with open_context(self.stand.settings, now=lambda: NOON + hour * HOUR) as ctx:
            return try_rules(ctx, ruleset, selection=selection)

    def ask(self, question: str) -> list[tuple[Any, ...]]:
        return ask(self.engine, question)

    def changes(self) -> list[tuple[Any, ...]]:
        return self.ask(
            "SELECT change, topic, title, url, outlet, article_key IS NULL, words_before,"
            " words_after FROM mart.ruleset_changes ORDER BY change, title"
        )


@pytest.fixture
def desk(warehouse_settings: Settings, warehouse: Engine, tmp_path: Path) -> Iterator[Desk]:
    with open_newsstand(warehouse_settings, tmp_path) as stand:
        yield Desk(stand, warehouse, tmp_path)


def read_leaves(desk: Desk) -> None:
    """Two feeds: two articles, two entries off topic."""
    desk.stand.show("Leaf", ("Tea is up", "tea", "News"), ("Espresso is down", "espresso", "News"))
    desk.stand.show("Bean", ("More tea", "more", "News"), ("Espresso bars", "bars", "News"))
    desk.stand.read(NOON)


def test_a_trial_tells_what_would_be_gained_and_lost_and_changes_nothing(desk: Desk) -> None:
    read_leaves(desk)
    before = take_picture(desk.engine)
    report = desk.attempt(COFFEE)
    (tea,) = report.topics
    assert (tea.kept, tea.gained, tea.gained_off_topic, tea.lost) == (0, 0, 2, 2)
    assert (report.texts_judged, report.off_topic_judged, report.off_topic_unread) == (2, 2, 0)
    assert desk.changes() == [
        ("gained", "tea", "Espresso bars", "https://o.example/bars", "Bean", True, None,
         ["Espresso"]),
        ("gained", "tea", "Espresso is down", "https://o.example/espresso", "Leaf", True, None,
         ["Espresso"]),
        ("lost", "tea", "More tea", "https://o.example/more", "Bean", False, ["tea"], None),
        ("lost", "tea", "Tea is up", "https://o.example/tea", "Leaf", False, ["Tea"], None),
    ]  # fmt: skip
    assert take_picture(desk.engine) == before


def test_a_second_trial_does_nothing_and_one_that_was_stopped_goes_on(desk: Desk) -> None:
    read_leaves(desk)
    feeds = frozenset({desk.stand.server.url("Leaf")})
    part = desk.attempt(COFFEE, Selection(feed_urls=feeds))
    assert (part.texts_judged, part.off_topic_judged) == (1, 1)
    assert [row[2] for row in desk.changes()] == ["Espresso is down", "Tea is up"]
    rest = desk.attempt(COFFEE)
    assert (rest.texts_judged, rest.off_topic_judged) == (1, 1)
    decisions = desk.ask("SELECT * FROM core.fact_topic_match ORDER BY match_key")
    again = desk.attempt(COFFEE)
    assert (again.texts_judged, again.off_topic_judged, again.topics) == (0, 0, rest.topics)
    assert desk.ask("SELECT * FROM core.fact_topic_match ORDER BY match_key") == decisions
    assert len(decisions) == 4


def test_only_what_was_fetched_in_time_is_judged(desk: Desk) -> None:
    read_leaves(desk)
    desk.stand.show("Leaf", ("Green tea", "green", "News"), ("Espresso is up", "up", "News"))
    desk.stand.read(NOON + HOUR, "Leaf")
    early = desk.attempt(COFFEE, Selection(until=NOON + HOUR / 2))
    late = desk.attempt(COFFEE, Selection(since=NOON + HOUR / 2))
    assert (early.texts_judged, early.off_topic_judged) == (2, 2)
    assert (late.texts_judged, late.off_topic_judged) == (1, 1)


def test_rules_that_say_the_same_change_nothing(desk: Desk) -> None:
    read_leaves(desk)
    report = desk.attempt(GOOD + "# a remark\n")
    (tea,) = report.topics
    assert (tea.kept, tea.gained, tea.gained_off_topic, tea.lost) == (2, 0, 0, 0)
    assert desk.changes() == []


def test_an_article_is_lost_only_with_the_last_of_its_texts(desk: Desk) -> None:
    desk.stand.show("Leaf", ("Tea is up", "1"))
    desk.stand.read(NOON)
    desk.stand.show("Leaf", ("Espresso is up", "1"))
    desk.stand.read(NOON + HOUR)
    (tea,) = desk.attempt(COFFEE).topics
    assert (tea.kept, tea.lost) == (1, 0)


def test_what_a_dedicated_feed_gave_is_no_matter_of_the_rules(desk: Desk) -> None:
    for folder in (desk.folder / "config", Path(desk.write(COFFEE))):
        rules = (folder / "topics" / "tea.yaml").rename(folder / "topics" / "ai.yaml")
        rules.write_text(rules.read_text("utf-8").replace("topic: tea", "topic: ai"), "utf-8")
    desk.stand.topics["Leaf"] = "ai"
    desk.stand.show("Leaf", ("Nothing in it", "1"))
    desk.stand.read(NOON)
    desk.stand.topics.clear()
    desk.stand.read(NOON + HOUR)
    ruleset = find_rules(desk.stand.settings, str(desk.folder / "tried"))
    with open_context(desk.stand.settings) as ctx:
        (ai,) = try_rules(ctx, ruleset).topics
    assert (ai.topic, ai.kept, ai.lost) == ("ai", 1, 0)


def test_without_a_summary_the_body_is_read_from_the_archive(desk: Desk) -> None:
    desk.stand.server.documents["Leaf"] = (
        b"<rss version='2.0' xmlns:content='http://purl.org/rss/1.0/modules/content/'><channel>"
        b"<title>t</title><item><title>Morning</title><link>https://o.example/1</link>"
        b"<content:encoded>All about espresso, at length</content:encoded></item></channel></rss>"
    )
    desk.stand.read(NOON)
    (tea,) = desk.attempt(COFFEE).topics
    assert tea.gained_off_topic == 1
    for file in (desk.folder / "home").rglob("*-000.warc.gz"):
        file.unlink()
    report = desk.attempt(BOTH)
    assert (report.off_topic_judged, report.off_topic_unread) == (0, 1)
    assert report.topics[0].gained_off_topic == 0


def test_an_entry_that_was_shown_again_is_judged_again(desk: Desk) -> None:
    read_leaves(desk)
    desk.attempt(COFFEE)
    desk.stand.show("Leaf", ("Milk is down", "espresso", "News"), ("Tea is up", "tea", "News"))
    desk.stand.read(NOON + HOUR, "Leaf")
    report = desk.attempt(COFFEE)
    assert (report.off_topic_judged, report.topics[0].gained_off_topic) == (1, 1)


def test_the_command_prints_a_table_and_tells_how_to_go_on(
    desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    read_leaves(desk)
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(desk.stand.settings.config_dir))
    assert app(["replay", "--ruleset", desk.write(BOTH)], standalone_mode=False) in (0, None)
    printed = capsys.readouterr().out
    assert "+ tea: Espresso bars  [Espresso]" in printed
    assert "this run matched 2 texts and 2 off-topic entries" in printed
    assert (
        f"put them into {desk.folder / 'config' / 'topics'}, then silkwire topics adopt" in printed
    )
    app(["replay", "--ruleset", desk.write(BOTH), "--json"], standalone_mode=False)
    report = json.loads(capsys.readouterr().out)
    assert (report["texts_judged"], report["topics"][0]["gained_off_topic"]) == (0, 2)


def test_rules_are_found_by_folder_or_version(desk: Desk) -> None:
    settings = desk.stand.settings
    read_leaves(desk)
    version = find_rules(settings, str(settings.config_dir / "topics")).version
    desk.configure(BOTH)
    assert find_rules(settings, str(settings.config_dir)).version != version
    assert find_rules(settings, version[:8]).version == version  # out of the archive
    (folder,) = (desk.folder / "home").rglob("rulesets")
    shutil.rmtree(folder)
    with pytest.raises(ConfigError, match="neither a folder of topic rules nor a version"):
        find_rules(settings, version[:8])


@pytest.mark.parametrize("name", ["no-such-folder", "", "0123456789ab"])
def test_what_is_no_ruleset_is_one_sentence(desk: Desk, name: str) -> None:
    with pytest.raises(ConfigError, match="neither a folder of topic rules nor a version"):
        find_rules(desk.stand.settings, name)


def test_a_mistake_in_the_rules_is_named_by_file_and_line(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no topic rules"):
        find_rules(desk.stand.settings, str(tmp_path / "empty"))
    with pytest.raises(ConfigError, match=r"tea\.yaml:2: .*titel"):
        find_rules(desk.stand.settings, desk.write(GOOD.replace("title: Tea", "titel: Tea")))
