"""What the commands of `silkwire feeds` share: the list's file, urls as typed, the table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import typer
from sqlalchemy import Connection, text

from silkwire.cli.feeds.probe import Probe, find_feeds
from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError, SilkwireError
from silkwire.feeds.opml.read import ListedFeed, parse_language, read_feed_list
from silkwire.feeds.opml.urls import (
    FeedUrlError,
    SplitFeedUrl,
    fold_url,
    is_same_site,
    split_feed_url,
)
from silkwire.feeds.overview import FeedOverview, describe_new_feeds, list_feeds
from silkwire.feeds.sync import sync_feeds
from silkwire.pipeline import open_context
from silkwire.topics import list_topics


def list_path(settings: Settings) -> Path:
    return settings.config_dir / "feeds.opml"


def read_list(settings: Settings) -> tuple[ListedFeed, ...]:
    return read_feed_list(list_path(settings), list_topics(settings.config_dir))


def read_url(url: str) -> SplitFeedUrl:
    """A url as typed. Raises ConfigError."""
    try:
        return split_feed_url(url)
    except FeedUrlError as exc:
        raise ConfigError(str(exc)) from exc


def find_credential(url: SplitFeedUrl, settings: Settings) -> str | None:
    """The one typed, else the one that the list has for this feed."""
    path = list_path(settings)
    if url.credential is not None or not path.exists():
        return url.credential
    name = fold_url(url.feed_url)
    listed = read_list(settings)
    return next((f.credential for f in listed if fold_url(f.feed_url) == name), None)


def is_listed(url: SplitFeedUrl, settings: Settings) -> bool:
    path, name = list_path(settings), fold_url(url.feed_url)
    return path.exists() and any(fold_url(f.feed_url) == name for f in read_list(settings))


def read_overview(settings: Settings, now: datetime) -> tuple[FeedOverview, ...]:
    """All feeds of the table, and those that are listed but not in it yet."""
    with open_context(settings) as ctx, ctx.engine.begin() as conn:
        known = list_feeds(conn)
    try:
        listed = read_list(settings)
    except ConfigError as exc:
        typer.echo(f"silkwire: {exc}", err=True)  # the state of feeds is wanted all the more
        return known
    return *describe_new_feeds(listed, {feed.feed_url for feed in known}, now), *known


@contextmanager
def open_feeds() -> Iterator[Connection]:
    """A transaction in which every listed feed is known."""
    settings = read_settings()
    listed = read_list(settings)
    with open_context(settings) as ctx:
        with ctx.engine.begin() as conn:
            sync_feeds(conn, listed, now=datetime.now(UTC), pause_unlisted=False)
        with ctx.engine.begin() as conn:
            yield conn


def find_name(conn: Connection, url: str) -> str:
    """A known feed's url as listed, for a url as typed; that url itself if there is none."""
    feed_url = read_url(url).feed_url
    known = conn.execute(text("SELECT feed_url FROM ops.feed")).scalars().all()
    if feed_url in known:
        return feed_url
    name = fold_url(feed_url)
    return next((other for other in known if fold_url(other) == name), feed_url)


def find_feed(feed: ListedFeed, settings: Settings, *, is_page: bool = True) -> ListedFeed:
    """The feed at, or behind, the url of `feed`; what it says of itself fills what is missing.

    Raises SilkwireError if there is none.
    """
    probes = []
    for probe in find_feeds(feed.feed_url, settings, feed.credential, is_page=is_page):
        probes.append(probe)
        if probe.is_feed:
            return _complete(feed, probe, page_url=feed.feed_url if len(probes) > 1 else None)
    raise SilkwireError(
        f"{feed.feed_url} is no feed, and none was found behind it: {probes[0].error.rstrip('.')}. "
        "--no-check lists it all the same"
    )


def _complete(feed: ListedFeed, probe: Probe, page_url: str | None) -> ListedFeed:
    document = probe.document
    title = document.title if document else None
    language = document.language if document else None
    try:
        declared = None if language is None else parse_language(language)
    except ValueError:
        declared = None
    return replace(
        feed,
        feed_url=probe.permanent_url,
        credential=feed.credential if is_same_site(feed.feed_url, probe.permanent_url) else None,
        title=feed.title or title,
        language=feed.language or declared,
        homepage_url=page_url,
    )
