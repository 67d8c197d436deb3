"""Sync: bring `ops.feed`, `core.dim_outlet` and `core.dim_feed` in line with the feed list.

It takes a few set-based statements (`sync.sql`), whatever the size of the list. No feed is ever
deleted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.opml.urls import name_outlet_after_host
from silkwire.feeds.schedule.jitter import fraction_of
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)
NOT_LISTED = "not in the feed list"
"""`ops.feed.paused_reason` of unlisted feeds; a person gave any other reason."""
MAX_NEW_AT_ONCE = 5_000
"""If more feeds than this are new, their first fetches are spread over an hour."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What changed in `ops.feed`. A feed that was resumed may also count as changed."""

    listed_count: int
    added_count: int
    changed_count: int
    resumed_count: int
    paused_count: int


def sync_feeds(
    conn: Connection, listed: Sequence[ListedFeed], *, now: datetime, pause_unlisted: bool
) -> SyncReport:
    """Bring the tables in line with the list, in the caller's transaction.

    With `pause_unlisted`, feeds that the list does not name are paused and their credentials are
    deleted. A feed that a person paused stays paused either way.
    """
    conn.execute(SQL["lock"])
    _load_list(conn, listed)
    conn.execute(SQL["create_changes"])
    conn.execute(SQL["find_changes"], {"not_listed": NOT_LISTED, "pause_unlisted": pause_unlisted})
    changed = conn.execute(SQL["update_listed"], {"now": now}).all()
    added = conn.execute(SQL["insert_new"], {"now": now, "max_at_once": MAX_NEW_AT_ONCE}).rowcount
    conn.execute(SQL["save_secrets"])
    paused = 0
    if pause_unlisted:
        paused = conn.execute(SQL["pause_unlisted"], {"not_listed": NOT_LISTED}).rowcount
        conn.execute(SQL["delete_secrets"])
    conn.execute(SQL["insert_outlets"])
    conn.execute(SQL["find_versions"])
    for name in ("correct_versions", "end_versions", "insert_versions"):
        conn.execute(SQL[name], {"now": now})
    conn.execute(SQL["drop"])
    return SyncReport(
        listed_count=len(listed),
        added_count=added,
        changed_count=sum(row.is_changed for row in changed),
        resumed_count=sum(row.is_resumed for row in changed),
        paused_count=paused,
    )


def _load_list(conn: Connection, listed: Sequence[ListedFeed]) -> None:
    rows = [
        {
            "feed_url": feed.feed_url,
            "credential": feed.credential,
            "title": feed.title,
            "homepage_url": feed.homepage_url,
            "outlet": feed.outlet,
            "outlet_name": feed.outlet or name_outlet_after_host(feed.feed_url),
            "language": feed.language,
            "poll_s": feed.poll.total_seconds() if feed.poll else None,
            "tags": feed.tags,
            "topics": feed.topics,
            "due_fraction": fraction_of("first", feed.feed_url),
        }
        for feed in listed
    ]
    conn.execute(SQL["create_list"])
    conn.execute(SQL["fill_list"], {"rows": msgspec.json.encode(rows).decode()})
    conn.execute(text("ANALYZE listed_feed"))
