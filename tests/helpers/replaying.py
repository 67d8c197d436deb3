"""A publisher, a clock, an archive and a warehouse that is emptied and filled again from it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from helpers.documents import AI, BAD, SPORT, TRAVEL, item, rss
from helpers.feedserver import FeedServer
from helpers.picture import Picture, take_picture
from silkwire.config import Settings
from silkwire.pipeline import ingest
from silkwire.pipeline.history.parts import WHOLE, Part
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.pipeline.replay.run import replay

EMPTIED = (
    "ops.batch, ops.fetch, ops.feed, ops.feed_secret, ops.quarantine, ops.quarantine_reason,"
    " ops.off_topic, ops.expectation_result, core.fact_article, core.article_revision,"
    " core.fact_sighting, core.fact_topic_match, core.topic_evidence, core.dim_feed,"
    " core.article_copy, ops.article_band,"
    " core.dim_outlet, core.dim_ruleset"
)


class Clock:
    """Goes on by a millisecond with each look, and by days when it is told to."""

    def __init__(self) -> None:
        self.time = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.time += timedelta(milliseconds=1)
        return self.time

    def pass_days(self, days: int = 1) -> None:
        self.time += timedelta(days=days)


def list_feeds(file: Path, server: FeedServer, attributes: dict[str, str]) -> Path:
    outlines = "".join(
        f"<outline type='rss' text='{path}' xmlUrl='{server.url(path)}' {more}/>\n"
        for path, more in attributes.items()
    )
    file.write_text(f"<opml version='2.0'><body>\n{outlines}</body></opml>\n", "utf-8")
    return file


@dataclass
class World:
    """A publisher, a clock, an archive and a warehouse."""

    settings: Settings
    engine: Engine
    server: FeedServer
    clock: Clock
    folder: Path

    def set(self, **values: Any) -> None:
        self.settings = self.settings.model_copy(update=values)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with self.engine.begin() as conn:
            return [tuple(row) for row in conn.execute(text(statement))]

    def replay(self, selection: Selection = EVERYTHING, part: Part = WHOLE) -> ReplayReport:
        return replay(self.settings, selection=selection, part=part, now=self.clock)

    def picture(self) -> Picture:
        return take_picture(self.engine)

    def empty(self) -> None:
        """As a new database, but that keys go on counting."""
        with self.engine.begin() as conn:
            conn.execute(text(f"TRUNCATE {EMPTIED} CASCADE"))

    def live(self) -> None:
        live(self.settings, self.server, self.clock, self.folder / "f.opml")


def open_world(settings: Settings, engine: Engine, server: FeedServer, folder: Path) -> World:
    """Its feeds are read one after another, so that every run of a test is alike."""
    one_by_one = settings.model_copy(update={"fetch_host_concurrency": 1})
    return World(one_by_one, engine, server, Clock(), folder)


def live(settings: Settings, server: FeedServer, clock: Clock, file: Path) -> None:
    """Some days: an edit, a 304, an unchanged body, failures, variants, a quarantined record, a
    dedicated feed, a twin url, an entry that leaves and one that returns, a new outlet's name."""
    feeds = {"a": "outlet='Post'", "b": "outlet='Wire'", "c": "topics='ai'", "d": "", "gone": ""}
    server.documents = {
        "a": rss(AI, TRAVEL, SPORT),
        "b": rss(AI.replace("releases", "presents"), BAD),
        "c": rss(item("A cup is won", "https://c.example/1")),
        "d": b"<html><body>no feed</body></html>",
    }
    opml = list_feeds(file, server, feeds)
    ingest(settings, feeds_opml=opml, now=clock)
    clock.pass_days()
    server.documents["a"] = rss(AI.replace("a new", "its best"), SPORT)
    server.documents["b"] = rss(TRAVEL, AI.replace("releases", "presents"), BAD)
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    clock.pass_days()
    server.is_conditional = False
    server.documents["c"] = rss(
        item("Twin one", "https://c.example/2").replace("<guid>", "<guid>x"),
        item("Twin two", "https://c.example/2"),
    )
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    clock.pass_days()
    feeds["a"] = "outlet='The Post' language='en' category='news'"
    feeds["c"] = ""
    server.documents["a"] = rss(TRAVEL, AI)
    server.documents["d"] = rss(item("Robots in China", "https://d.example/1", "DeepSeek AI"))
    list_feeds(file, server, feeds)
    ingest(settings, feeds_opml=opml, ignore_due=True, now=clock)
    # Renamed, and not due: a batch without a fetch.
    ingest(settings, feeds_opml=list_feeds(file, server, {"b": "outlet='The Wire'"}), now=clock)
