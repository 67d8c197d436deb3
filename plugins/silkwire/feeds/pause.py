"""A person's pause, and the overview for `feeds list`."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from silkwire.errors import ConfigError
from silkwire.feeds.sync import NOT_LISTED


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
    last_success_at: datetime | None
    last_new_entry_at: datetime | None
    failure_count: int
    last_error_class: str | None
    last_error: str | None
    moved_to_url: str | None
    suggested_feed_url: str | None


def list_feeds(conn: Connection) -> tuple[FeedOverview, ...]:
    """All feeds, those first that need a person."""
    return tuple(
        FeedOverview(**{**row, "tags": tuple(row["tags"]), "topics": tuple(row["topics"])})
        for row in conn.execute(text(_LIST)).mappings()
    )


def pause_feed(conn: Connection, feed_url: str, *, reason: str) -> None:
    """Leave a feed alone until a person resumes it. Raises ConfigError for an unknown feed."""
    _require(conn.execute(text(_PAUSE), {"url": feed_url, "reason": reason}).rowcount, feed_url)


def resume_feed(conn: Connection, feed_url: str, *, now: datetime) -> bool:
    """Fetch a feed again, at once; whether it was paused. Raises ConfigError for an unknown feed,
    and for one that is paused because the list does not name it."""
    reason = conn.execute(
        text("SELECT paused_reason FROM ops.feed WHERE feed_url = :url FOR UPDATE"),
        {"url": feed_url},
    ).one_or_none()
    _require(reason is not None, feed_url)
    if reason is not None and reason.paused_reason == NOT_LISTED:
        raise ConfigError(f"{feed_url} is {NOT_LISTED}: `silkwire feeds add` lists it")
    return conn.execute(text(_RESUME), {"url": feed_url, "now": now}).rowcount > 0


def _require(is_known: object, feed_url: str) -> None:
    if not is_known:
        raise ConfigError(f"there is no feed {feed_url}; `silkwire feeds list` shows them")


_LIST = """
SELECT feed_url, fetch_url, title, outlet, language, tags, topics, state, paused_reason,
    coalesce(fixed_interval, poll_interval) AS poll_interval, next_due_at, last_success_at,
    last_new_entry_at, failure_count, last_error_class, last_error, moved_to_url,
    suggested_feed_url
FROM ops.feed
ORDER BY array_position(ARRAY['gone', 'failing', 'healthy', 'paused'], state),
    failure_count DESC, outlet, feed_url
"""

_PAUSE = """
UPDATE ops.feed SET state = 'paused', paused_reason = :reason WHERE feed_url = :url
"""

_RESUME = """
UPDATE ops.feed SET
    state = CASE
        WHEN last_error_class = 'gone' THEN 'gone'
        WHEN failure_count > 0 THEN 'failing'
        ELSE 'healthy'
    END,
    paused_reason = NULL, next_due_at = least(next_due_at, :now)
WHERE feed_url = :url AND state = 'paused'
"""
