"""Functions that the commands of `silkwire feeds` share: feed list, typed urls, ops.feed."""

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
    """The feeds of the list; empty if there is no list yet."""
    path = list_path(settings)
    return read_feed_list(path, list_topics(settings.config_dir)) if path.exists() else ()


def read_url(url: str) -> SplitFeedUrl:
    """Split a url that a user typed. Raises ConfigError if it cannot be a feed's."""
    try:
        return split_feed_url(url)
    except FeedUrlError as exc:
        raise ConfigError(str(exc)) from exc


def find_listed(url: SplitFeedUrl, settings: Settings) -> ListedFeed | None:
    """The feed with this url in the list, however the url is spelt."""
    name = fold_url(url.feed_url)
    return next((feed for feed in read_list(settings) if fold_url(feed.feed_url) == name), None)


def read_overview(settings: Settings, now: datetime) -> tuple[FeedOverview, ...]:
    """All feeds of ops.feed, and those of the list that are not in it yet."""
    with open_context(settings) as ctx, ctx.engine.begin() as conn:
        known = list_feeds(conn)
    try:
        listed = read_feed_list(list_path(settings), list_topics(settings.config_dir))
    except ConfigError as exc:
        typer.echo(f"silkwire: {exc}", err=True)  # a mistake in the list must not hide ops.feed
        return known
    return *describe_new_feeds(listed, {feed.feed_url for feed in known}, now), *known


@contextmanager
def open_feeds() -> Iterator[Connection]:
    """A transaction in which ops.feed has every feed of the list."""
    settings = read_settings()
    listed = read_feed_list(list_path(settings), list_topics(settings.config_dir))
    with open_context(settings) as ctx:
        with ctx.engine.begin() as conn:
            sync_feeds(conn, listed, now=datetime.now(UTC), pause_unlisted=False)
        with ctx.engine.begin() as conn:
            yield conn


def find_name(conn: Connection, url: str) -> str:
    """The url of the feed in ops.feed, however `url` is spelt; without such a feed, `url`."""
    feed_url = read_url(url).feed_url
    known = conn.execute(text("SELECT feed_url FROM ops.feed")).scalars().all()
    if feed_url in known:
        return feed_url
    name = fold_url(feed_url)
    return next((other for other in known if fold_url(other) == name), feed_url)


def find_feed(feed: ListedFeed, settings: Settings, *, is_page: bool = True) -> ListedFeed:
    """Fetch the url of `feed`; return `feed` with the url of the feed found or linked there.

    Title and language are filled in if `feed` has none. Raises SilkwireError if no feed is found.
    """
    probes = []
    for probe in find_feeds(feed.feed_url, settings, feed.credential, is_page=is_page):
        probes.append(probe)
        if probe.is_feed:
            return _complete(feed, probe, page_url=feed.feed_url if len(probes) > 1 else None)
    raise SilkwireError(
        f"{feed.feed_url} is not a feed, and no feed of this page was found: "
        f"{probes[0].error.rstrip('.')}. Use --no-check to list it all the same"
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
