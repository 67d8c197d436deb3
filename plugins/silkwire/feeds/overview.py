"""All feeds at a glance: the table's state, and what the list names beyond it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.schedule.health import DEFAULT_INTERVAL

STATES = ("new", "healthy", "failing", "gone", "paused")
"""As in `ops.feed`, but that a feed which was never asked is `new` and not healthy."""


@dataclass(frozen=True, slots=True)
class FeedOverview:
    """A feed as `feeds list` shows it."""

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
    """The fixed one, else the learned one."""
    next_due_at: datetime
    last_success_at: datetime | None = None
    last_new_entry_at: datetime | None = None
    failure_count: int = 0
    last_error_class: str | None = None
    last_error: str | None = None
    moved_to_url: str | None = None
    suggested_feed_url: str | None = None


def list_feeds(conn: Connection) -> tuple[FeedOverview, ...]:
    """All feeds, those first that need a person."""
    return tuple(
        FeedOverview(**{**row, "tags": tuple(row["tags"]), "topics": tuple(row["topics"])})
        for row in conn.execute(text(_LIST)).mappings()
    )


def describe_new_feeds(
    listed: Iterable[ListedFeed], known_urls: Collection[str], now: datetime
) -> tuple[FeedOverview, ...]:
    """Feeds of the list that the table does not have yet."""
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
    """Feeds in `state`, and with `match` (any case) in url, title, outlet or a tag."""
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


_LIST = """
SELECT feed_url, fetch_url, title, outlet, language, tags, topics, shown.state, paused_reason,
    coalesce(fixed_interval, poll_interval) AS poll_interval, next_due_at, last_success_at,
    last_new_entry_at, failure_count, last_error_class, last_error, moved_to_url,
    suggested_feed_url
FROM ops.feed
CROSS JOIN LATERAL (
    SELECT
        CASE
            WHEN feed.state = 'healthy' AND last_fetched_at IS NULL THEN 'new'
            ELSE feed.state
        END AS state
) AS shown
ORDER BY array_position(ARRAY['gone', 'failing', 'new', 'healthy', 'paused'], shown.state),
    failure_count DESC, outlet, feed_url
"""
