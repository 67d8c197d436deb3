"""Plan: lease the feeds that are due, fairly by host and by outlet."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, text

from silkwire.feeds.opml.urls import is_same_site
from silkwire.feeds.schedule.jitter import fraction_of
from silkwire.feeds.shards import name_shard, shard_feeds
from silkwire.feeds.sync import NOT_LISTED
from silkwire.model import PlannedFeed

__all__ = ["lease_due_feeds", "load_credentials", "name_shard", "release_leases", "shard_feeds"]

UNCONDITIONAL_SHARE = 1 / 50
"""Some servers' validators never change: so often they are not asked (edge case 1).

Only of feeds whose last answer brought nothing new, for a validator that lies hides what is new."""


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
    """The feeds leased for the batch, fairest order first, and how many were skipped.

    A feed is due if its time comes before half a tick from now; else one that wants ten minutes
    would be read every twenty. Skipped are listed feeds that were not due, paused by a person,
    leased elsewhere, or over a limit: `limit` feeds in all, `host_limit` of one host. They stay due
    and go first next time. A batch that holds leases already gets these again and no others.
    """
    scope = {"only_urls": None if only_urls is None else list(only_urls), "not_listed": NOT_LISTED}
    leased = _read_leased(conn, batch_id)
    if not leased:
        choice = {
            "due_before": now + tick / 2,
            "ignore_due": ignore_due,
            "limit": limit,
            "host_limit": host_limit,
        }
        lease = {"batch_id": batch_id, "now": now, "tick": tick}
        conn.execute(text(_LEASE), {**scope, **choice, **lease})
        leased = _read_leased(conn, batch_id)
    in_scope = conn.execute(text(_COUNT_SCOPE), scope).scalar_one()
    return leased, max(0, in_scope - len(leased))


def load_credentials(conn: Connection, feed_keys: Sequence[int]) -> dict[int, str]:
    """`user:password` by feed key, for feeds that are still fetched from the site that it is for:
    a redirect that was adopted must not carry it elsewhere."""
    rows = conn.execute(text(_CREDENTIALS), {"feed_keys": list(feed_keys)})
    return {
        row.feed_key: row.credential for row in rows if is_same_site(row.feed_url, row.fetch_url)
    }


def release_leases(conn: Connection, batch_id: str) -> int:
    """Give back what the batch still holds; those feeds stay due. Returns how many."""
    return conn.execute(text(_RELEASE), {"batch_id": batch_id}).rowcount


def _read_leased(conn: Connection, batch_id: str) -> tuple[PlannedFeed, ...]:
    rows = conn.execute(text(_READ_LEASED), {"batch_id": batch_id})
    return tuple(_to_planned(row, batch_id) for row in rows)


def _to_planned(row: "Row[tuple[object, ...]]", batch_id: str) -> PlannedFeed:
    is_drawn = fraction_of(batch_id, row.feed_url) < UNCONDITIONAL_SHARE
    is_conditional = row.was_new or not is_drawn
    return PlannedFeed(
        feed_key=row.feed_key,
        feed_url=row.feed_url,
        fetch_url=row.fetch_url,
        outlet=row.outlet,
        language=row.language.partition("-")[0] if row.language else None,
        topics=tuple(row.topics),
        etag=row.etag if is_conditional else None,
        last_modified=row.last_modified if is_conditional else None,
        body_hash=row.body_hash,
        is_urls_repeat=row.urls_repeat,
        is_guids_repeat=row.guids_repeat,
        failure_count=row.failure_count,
    )


_IN_SCOPE = """
CASE
    WHEN CAST(:only_urls AS text[]) IS NULL
        THEN feed.state <> 'paused' OR feed.paused_reason IS DISTINCT FROM :not_listed
    ELSE feed.feed_url = ANY (CAST(:only_urls AS text[]))
END
"""

# A lease ends with its batch. One whose batch this snapshot cannot see is new, hence EXISTS.
_ELIGIBLE = f"""
{_IN_SCOPE}
AND (feed.state <> 'paused' OR feed.paused_reason = :not_listed)
AND (:ignore_due OR feed.next_due_at < :due_before)
AND (
    feed.leased_by_batch_id IS NULL
    OR EXISTS (
        SELECT FROM ops.batch
        WHERE batch.batch_id = feed.leased_by_batch_id AND batch.state <> 'running'
    )
)
"""

_HOST = r"lower(substring(feed.fetch_url FROM '^[A-Za-z]+://(\[[^]]*\]|[^/:?#]*)'))"

# The nth feed of a host or an outlet stands behind everyone's (n-1)th, whatever their number; each
# tick that a feed has waited takes it one place forward, so that nobody waits for ever.
_PLACE = f"""
greatest(
    row_number() OVER (PARTITION BY {_HOST} ORDER BY feed.next_due_at, feed.feed_key),
    row_number() OVER (
        PARTITION BY coalesce(feed.outlet, {_HOST}) ORDER BY feed.next_due_at, feed.feed_key
    )
)
"""

_LEASE = f"""
WITH ranked AS (
    SELECT feed.feed_key, feed.next_due_at,
        row_number() OVER (PARTITION BY {_HOST} ORDER BY feed.next_due_at, feed.feed_key)
            AS place_in_host,
        {_PLACE} - greatest(0, floor(
            extract(EPOCH FROM CAST(:now AS timestamptz) - feed.next_due_at)
            / greatest(1, extract(EPOCH FROM CAST(:tick AS interval)))
        )) AS place
    FROM ops.feed
    WHERE {_ELIGIBLE}
),
chosen AS (
    SELECT feed_key FROM ranked
    WHERE CAST(:host_limit AS integer) IS NULL OR place_in_host <= :host_limit
    ORDER BY place, next_due_at, feed_key
    LIMIT CAST(:limit AS integer)
),
locked AS (
    SELECT feed.feed_key
    FROM ops.feed
    INNER JOIN chosen USING (feed_key)
    WHERE {_ELIGIBLE}
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed SKIP LOCKED
)
UPDATE ops.feed SET leased_by_batch_id = :batch_id
FROM locked
WHERE feed.feed_key = locked.feed_key
"""  # noqa: S608 - only our own constants

_READ_LEASED = f"""
SELECT feed.feed_key, feed.feed_url, feed.fetch_url, feed.outlet, feed.language, feed.topics,
    feed.etag, feed.last_modified, encode(feed.body_hash, 'hex') AS body_hash,
    feed.urls_repeat, feed.guids_repeat, feed.failure_count,
    coalesce(feed.last_new_entry_at = feed.last_success_at, false) AS was_new
FROM ops.feed
WHERE feed.leased_by_batch_id = :batch_id
ORDER BY {_PLACE}, feed.next_due_at, feed.feed_key
"""  # noqa: S608

_COUNT_SCOPE = f"SELECT count(*) FROM ops.feed WHERE {_IN_SCOPE}"  # noqa: S608

_CREDENTIALS = """
SELECT secret.feed_key, secret.credential, feed.feed_url, feed.fetch_url
FROM ops.feed_secret AS secret
INNER JOIN ops.feed USING (feed_key)
WHERE secret.feed_key = ANY (CAST(:feed_keys AS bigint[]))
"""

_RELEASE = """
WITH held AS (
    SELECT feed_key FROM ops.feed WHERE leased_by_batch_id = :batch_id
    ORDER BY feed_key FOR NO KEY UPDATE
)
UPDATE ops.feed SET leased_by_batch_id = NULL
FROM held
WHERE feed.feed_key = held.feed_key
"""
