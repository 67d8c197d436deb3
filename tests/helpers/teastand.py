"""A newsstand whose topic is tea, and other rules to try and to adopt."""

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from helpers.newsstand import Newsstand, ask
from helpers.rules import GOOD, write_rules
from silkwire.pipeline import open_context
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.rules.adopt import AdoptionReport, adopt_rules
from silkwire.pipeline.rules.find import find_rules
from silkwire.pipeline.rules.trial import TrialReport, try_rules

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
COFFEE = GOOD.replace("[tea, oolong*]", "[espresso]")
"""Tea by its name, but about other words."""
BOTH = GOOD.replace("[tea, oolong*]", "[tea, espresso]")


class TeaStand:
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


def read_leaves(tea: TeaStand) -> None:
    """Two feeds: two articles, two entries off topic."""
    tea.stand.show("Leaf", ("Tea is up", "tea", "News"), ("Espresso is down", "espresso", "News"))
    tea.stand.show("Bean", ("More tea", "more", "News"), ("Espresso bars", "bars", "News"))
    tea.stand.read(NOON)


def adopt(
    tea: TeaStand,
    rules: str,
    version: str | None = None,
    *,
    hour: float = 10,
    since: datetime | None = None,
) -> AdoptionReport:
    tea.configure(rules)
    ticks = count()  # what is done later must be so when it is replayed
    clock = lambda: NOON + hour * HOUR + next(ticks) * timedelta(milliseconds=1)  # noqa: E731
    with open_context(tea.stand.settings, now=clock) as ctx:
        return adopt_rules(ctx, version, since=since)


def titles(tea: TeaStand) -> list[object]:
    return [row[0] for row in tea.ask("SELECT title FROM mart.articles ORDER BY title")]
