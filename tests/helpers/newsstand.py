"""Feeds of ours on loopback, read by the whole pipeline at times that a test gives."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from silkwire.config import Settings
from silkwire.model import BatchReport
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.held.release_reject import release_batch

Item = tuple[str, str] | tuple[str, str, str] | tuple[str, str, str, str]
"""Title, path of its url under https://o.example/, and, where given, summary, pubDate."""


class Newsstand:
    """Feeds by name, each of the outlet of its name; each `read` is one batch."""

    def __init__(self, settings: Settings, server: FeedServer, folder: Path):
        self.settings = settings
        self.server = server
        self.folder = folder
        self.topics: dict[str, str] = {}
        """Feeds dedicated to topics, by name."""

    def show(self, feed: str, *items: Item) -> None:
        """What the feed carries from now on."""
        body = "".join(map(_write_item, items))
        document = f"<rss version='2.0'><channel><title>{feed}</title>{body}</channel></rss>"
        self.server.documents[feed] = document.encode()

    def read(self, at: datetime, *feeds: str) -> BatchReport:
        """Read these feeds (all, if none is named), whether they are due or not."""
        outlines = "".join(self._write_outline(feed) for feed in feeds or self.server.documents)
        opml = self.folder / "feeds.opml"
        opml.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", "utf-8")
        return ingest(self.settings, feeds_opml=opml, ignore_due=True, now=lambda: at)

    def release(self, at: datetime, batch_id: str) -> BatchReport:
        with open_context(self.settings, now=lambda: at) as ctx:
            return release_batch(ctx, batch_id, reviewer="ann")

    def _write_outline(self, feed: str) -> str:
        topics = self.topics.get(feed)
        return (
            f"<outline type='rss' text={quoteattr(feed)} outlet={quoteattr(feed)}"
            f" xmlUrl={quoteattr(self.server.url(feed))}"
            + (f" topics={quoteattr(topics)}" if topics else "")
            + "/>"
        )


def _write_item(item: Item) -> str:
    title, path, summary, published = (*item, "", "")[:4]
    link = f"https://o.example/{path}"
    return (
        "<item>"
        + (f"<title>{escape(title)}</title>" if title else "")
        + f"<link>{link}</link><guid>{link}</guid>"
        + (f"<description>{escape(summary)}</description>" if summary else "")
        + (f"<pubDate>{published}</pubDate>" if published else "")
        + "</item>"
    )


@contextmanager
def open_newsstand(settings: Settings, folder: Path) -> Iterator[Newsstand]:
    reachable = {
        "fetch_allow_private": (ip_network("127.0.0.0/8"),),
        "fetch_host_pause": 0.0,
        "fetch_host_concurrency": 100,
        "hold_min_entries": 5,
    }
    with FeedServer() as server:
        yield Newsstand(settings.model_copy(update=reachable), server, folder)


def ask(
    engine: Engine, question: str, values: Mapping[str, object] = {}
) -> list[tuple[object, ...]]:
    with engine.begin() as conn:
        return [tuple(row) for row in conn.execute(text(question), dict(values))]
