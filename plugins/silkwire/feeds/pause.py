"""Pause and resume feeds by hand. No batch and no change of the list ends such a pause."""

from datetime import datetime

from sqlalchemy import Connection

from silkwire.errors import ConfigError
from silkwire.feeds.sync import NOT_LISTED
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def pause_feed(conn: Connection, feed_url: str, *, reason: str) -> None:
    """Stop fetching a feed until a person resumes it. Raises ConfigError for an unknown feed."""
    if not conn.execute(_SQL["pause"], {"url": feed_url, "reason": reason}).rowcount:
        raise _explain_unknown(feed_url)


def resume_feed(conn: Connection, feed_url: str, *, now: datetime) -> bool:
    """Make a paused feed due at once, and return whether it was paused.

    Raises ConfigError for an unknown feed, and for one that the list does not name.
    """
    row = conn.execute(_SQL["lock"], {"url": feed_url}).one_or_none()
    if row is None:
        raise _explain_unknown(feed_url)
    if row.paused_reason == NOT_LISTED:
        raise ConfigError(f"{feed_url} is {NOT_LISTED}: `silkwire feeds add` lists it")
    return conn.execute(_SQL["resume"], {"url": feed_url, "now": now}).rowcount > 0


def _explain_unknown(feed_url: str) -> ConfigError:
    return ConfigError(f"there is no feed {feed_url}; `silkwire feeds list` shows them")
