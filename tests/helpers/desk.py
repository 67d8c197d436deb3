"""A publisher, the list of its feeds, and whole batches at times of a test's choosing."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from sqlalchemy import Row, text

from helpers.publisher import Publisher
from silkwire.config import Settings
from silkwire.model import BatchReport
from silkwire.pipeline import (
    Context,
    fetch_shard,
    load_step,
    match_batch,
    open_context,
    parse_batch,
    plan_batch,
    validate_batch,
)

START = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def rss(*titles: str, extra: str = "", item: str = "") -> bytes:
    items = "".join(
        f"<item><title>{title}</title><link>https://o.example/{title.split()[0]}</link>"
        f"<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>{item}</item>"
        for title in titles
    )
    feed = f"<rss version='2.0'><channel><title>t</title>{extra}{items}</channel></rss>"
    return feed.encode()


FIRST, SECOND = "One: OpenAI releases an AI model", "Two: Anthropic opens an AI laboratory"


@dataclass
class Desk:
    """A publisher, a list of its feeds, and batches at times of our choosing."""

    ctx: Context
    publisher: Publisher
    folder: Path
    at: datetime = START
    outlines: list[str] = field(default_factory=list)
    batch_count: int = 0

    def list_feed(self, path: str, *, host: str = "127.0.0.1", attributes: str = "") -> str:
        """The feed's url, without the credentials that `host` may hold."""
        url = self.publisher.url(path, host)
        self.outlines.append(f"<outline xmlUrl={quoteattr(url)} {attributes}/>")
        opml = f"<opml version='2.0'><body>{''.join(self.outlines)}</body></opml>"
        (self.folder / "feeds.opml").write_text(opml)
        return url.replace(host, host.rpartition("@")[2])

    def fetch(self, *, after: timedelta = timedelta(), batch_id: str = "", is_all: bool) -> str:
        self.at += after
        self.batch_count += 1
        batch_id = batch_id or f"b{self.batch_count}"
        plan = plan_batch(self.ctx, batch_id=batch_id, ignore_due=is_all)
        for shard in range(plan.plan.shards):
            fetch_shard(self.ctx, batch_id, shard)
        return batch_id

    def load(self, batch_id: str) -> BatchReport:
        for step in (parse_batch, match_batch, validate_batch):
            step(self.ctx, batch_id)
        return load_step(self.ctx, batch_id)

    def run(
        self, *, after: timedelta = timedelta(), batch_id: str = "", is_all: bool = True
    ) -> BatchReport:
        """A batch `after` the one before; of all feeds, or of those that are due."""
        return self.load(self.fetch(after=after, batch_id=batch_id, is_all=is_all))

    def feed(self, url: str) -> "Row[Any]":
        with self.ctx.engine.begin() as conn:
            statement = text("SELECT * FROM ops.feed WHERE feed_url = :url")
            return conn.execute(statement, {"url": url}).one()

    def wait(self, url: str) -> timedelta:
        due: datetime = self.feed(url).next_due_at
        return due - self.at

    def titles(self) -> list[str]:
        with self.ctx.engine.begin() as conn:
            return list(conn.execute(text("SELECT title FROM mart.articles ORDER BY 1")).scalars())


@contextmanager
def open_desk(warehouse_settings: Settings, folder: Path) -> Iterator[Desk]:
    settings = warehouse_settings.model_copy(
        update={
            "config_dir": folder / "config",
            "fetch_allow_private": (ip_network("127.0.0.0/8"),),
            "fetch_host_pause": 0.0,
            "fetch_deadline": 5.0,
            "hold_min_entries": 2,
        }
    )
    shutil.copytree(warehouse_settings.config_dir, settings.config_dir)
    clock: list[Desk] = []
    with (
        Publisher(host="0.0.0.0") as publisher,
        open_context(settings, now=lambda: clock[0].at) as ctx,
    ):
        clock.append(Desk(ctx, publisher, settings.config_dir))
        yield clock[0]
