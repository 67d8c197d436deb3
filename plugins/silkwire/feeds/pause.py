"""A person's pause: it outlasts the list and every batch."""

from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.errors import ConfigError
from silkwire.feeds.sync import NOT_LISTED


def pause_feed(conn: Connection, feed_url: str, *, reason: str) -> None:
    """Leave a feed alone until a person resumes it. Raises ConfigError for an unknown feed."""
    _require(conn.execute(text(_PAUSE), {"url": feed_url, "reason": reason}).rowcount, feed_url)


def resume_feed(conn: Connection, feed_url: str, *, now: datetime) -> bool:
    """Fetch a feed again, at once; whether it was paused. Raises ConfigError for an unknown feed,
    and for one that is paused because the list does not name it."""
    reason = conn.execute(
        text("SELECT paused_reason FROM ops.feed WHERE feed_url = :url FOR NO KEY UPDATE"),
        {"url": feed_url},
    ).one_or_none()
    _require(reason is not None, feed_url)
    if reason is not None and reason.paused_reason == NOT_LISTED:
        raise ConfigError(f"{feed_url} is {NOT_LISTED}: `silkwire feeds add` lists it")
    return conn.execute(text(_RESUME), {"url": feed_url, "now": now}).rowcount > 0


def _require(is_known: object, feed_url: str) -> None:
    if not is_known:
        raise ConfigError(f"there is no feed {feed_url}; `silkwire feeds list` shows them")


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
