"""Pause and resume feeds by hand. No batch and no change of the list ends such a pause."""

from datetime import datetime

from sqlalchemy import Connection, text

from silkwire.errors import ConfigError
from silkwire.feeds.sync import NOT_LISTED


def pause_feed(conn: Connection, feed_url: str, *, reason: str) -> None:
    """Stop fetching a feed until a person resumes it. Raises ConfigError for an unknown feed."""
    statement = text(
        "UPDATE ops.feed SET state = 'paused', paused_reason = :reason WHERE feed_url = :url"
    )
    if not conn.execute(statement, {"url": feed_url, "reason": reason}).rowcount:
        raise _explain_unknown(feed_url)


def resume_feed(conn: Connection, feed_url: str, *, now: datetime) -> bool:
    """Make a paused feed due at once, and return whether it was paused.

    Raises ConfigError for an unknown feed, and for one that the list does not name.
    """
    row = conn.execute(
        text("SELECT paused_reason FROM ops.feed WHERE feed_url = :url FOR NO KEY UPDATE"),
        {"url": feed_url},
    ).one_or_none()
    if row is None:
        raise _explain_unknown(feed_url)
    if row.paused_reason == NOT_LISTED:
        raise ConfigError(f"{feed_url} is {NOT_LISTED}: `silkwire feeds add` lists it")
    return conn.execute(text(_RESUME), {"url": feed_url, "now": now}).rowcount > 0


def _explain_unknown(feed_url: str) -> ConfigError:
    return ConfigError(f"there is no feed {feed_url}; `silkwire feeds list` shows them")


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
