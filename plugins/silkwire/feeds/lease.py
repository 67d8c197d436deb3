"""Lease the feeds that are due for a batch, fairly by host and by outlet."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping

from silkwire.feeds.opml.urls import host_of, is_same_site
from silkwire.feeds.schedule.jitter import fraction_of
from silkwire.feeds.sync import NOT_LISTED
from silkwire.model import PlannedFeed
from silkwire.warehouse.statements import read_statements

SQL = read_statements(__file__)
UNCONDITIONAL_SHARE = 1 / 50
"""The share of fetches without validators, because some servers' validators never change.

Only feeds whose last fetch brought nothing new are drawn: a validator that never changes hides new
entries."""


def lease_due_feeds(
    conn: Connection,
    batch_id: str,
    *,
    now: datetime,
    tick: timedelta,
    only_urls: Sequence[str] | None = None,
    ignore_due: bool = False,
    limit: int | None = None,
    host_limit: int | None = None,
) -> tuple[tuple[PlannedFeed, ...], int]:
    """Return the feeds leased for the batch, fairest order first, and how many were skipped.

    A feed is due if its time is less than half a tick from now; otherwise a feed with an interval
    of ten minutes would be fetched every twenty. Listed feeds are skipped if they are not due,
    paused by a person, leased by another batch, or over a limit: `limit` feeds in all, `host_limit`
    a host. Feeds over a limit stay due and come first next time. A batch that holds leases already
    gets these again and no others.
    """
    scope = {"only_urls": None if only_urls is None else list(only_urls), "not_listed": NOT_LISTED}
    leased = _read_leased(conn, batch_id)
    if not leased:
        choice = {
            "batch_id": batch_id,
            "now": now,
            "tick": tick,
            "due_before": now + tick / 2,
            "ignore_due": ignore_due,
            "limit": limit,
            "host_limit": host_limit,
        }
        conn.execute(SQL["lease"], scope | choice)
        leased = _read_leased(conn, batch_id)
    in_scope = conn.execute(SQL["count_scope"], scope).scalar_one()
    return leased, max(0, in_scope - len(leased))


def load_credentials(conn: Connection, feed_keys: Sequence[int]) -> dict[int, str]:
    """`user:password` by feed key. Feeds whose adopted redirect leads to another site are left out:
    their credential must not be sent there."""
    rows = conn.execute(SQL["credentials"], {"feed_keys": list(feed_keys)})
    return {
        row.feed_key: row.credential for row in rows if is_same_site(row.feed_url, row.fetch_url)
    }


def release_leases(conn: Connection, batch_id: str) -> int:
    """End the batch's leases and return their number; those feeds stay due."""
    return conn.execute(SQL["release"], {"batch_id": batch_id}).rowcount


def _read_leased(conn: Connection, batch_id: str) -> tuple[PlannedFeed, ...]:
    rows = conn.execute(SQL["read_leased"], {"batch_id": batch_id}).mappings()
    hosts: Counter[str] = Counter()
    outlets: Counter[str] = Counter()

    def count_place(feed: PlannedFeed) -> int:
        """The feed's rank among the feeds of its host or its outlet, as in `lease.sql`."""
        host = host_of(feed.fetch_url)
        hosts[host] += 1
        outlets[feed.outlet or host] += 1
        return max(hosts[host], outlets[feed.outlet or host])

    return tuple(sorted((_to_planned(row, batch_id) for row in rows), key=count_place))


def _to_planned(row: RowMapping, batch_id: str) -> PlannedFeed:
    values = {**row, "topics": tuple(row["topics"])}
    was_new = values.pop("was_new")
    if not was_new and fraction_of(batch_id, row["feed_url"]) < UNCONDITIONAL_SHARE:
        values |= {"etag": None, "last_modified": None}
    return PlannedFeed(**values)
