"""What `silkwire feeds list` shows: every feed of `ops.feed`, and listed feeds not in it yet."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.schedule.health import DEFAULT_INTERVAL
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)
STATES = ("new", "healthy", "failing", "gone", "paused")
"""As in `ops.feed`, except that a feed is `new`, not healthy, until its first fetch."""


@dataclass(frozen=True, slots=True)
class FeedOverview:
    feed_url: str
    fetch_url: str
    title: str | None
    outlet: str | None
    language: str | None
    tags: tuple[str, ...]
    topics: tuple[str, ...]
    state: str
    paused_reason: str | None
    poll_interval: timedelta
    """The fixed interval, else the learned one."""
    next_due_at: datetime
    last_success_at: datetime | None = None
    last_new_entry_at: datetime | None = None
    failure_count: int = 0
    last_error_class: str | None = None
    last_error: str | None = None
    moved_to_url: str | None = None
    suggested_feed_url: str | None = None


def list_feeds(conn: Connection) -> tuple[FeedOverview, ...]:
    """All feeds of `ops.feed`, those with problems first."""
    return tuple(
        FeedOverview(**{**row, "tags": tuple(row["tags"]), "topics": tuple(row["topics"])})
        for row in conn.execute(SQL["list"]).mappings()
    )


def describe_new_feeds(
    listed: Iterable[ListedFeed], known_urls: Collection[str], now: datetime
) -> tuple[FeedOverview, ...]:
    """The listed feeds that `ops.feed` does not have yet."""
    return tuple(
        FeedOverview(
            feed_url=feed.feed_url,
            fetch_url=feed.feed_url,
            title=feed.title,
            outlet=feed.outlet,
            language=feed.language,
            tags=feed.tags,
            topics=feed.topics,
            state="new",
            paused_reason=None,
            poll_interval=feed.poll or DEFAULT_INTERVAL,
            next_due_at=now,
        )
        for feed in listed
        if feed.feed_url not in known_urls
    )


def filter_feeds(
    feeds: Sequence[FeedOverview], *, state: str | None, match: str | None
) -> tuple[FeedOverview, ...]:
    """The feeds in `state` that have `match` (in any case) in url, title, outlet or a tag."""
    wanted = (match or "").casefold()
    return tuple(
        feed
        for feed in feeds
        if (state is None or feed.state == state)
        and any(
            wanted in (value or "").casefold()
            for value in (feed.feed_url, feed.title, feed.outlet, *feed.tags)
        )
    )
