"""Bring `ops.feed` and its dimensions in line with the feed list. Deletes no feed.

A few set-based statements whatever the size of the list; two runs at once take turns.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection, text

from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.opml.urls import name_outlet_after_host
from silkwire.feeds.schedule.jitter import fraction_of

NOT_LISTED = "not in the feed list"
"""`ops.feed.paused_reason` of feeds that no list names; any other reason is a person's."""
MAX_NEW_AT_ONCE = 5_000
"""More new feeds than this come due over an hour instead of at once."""


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What changed in `ops.feed`; a feed that was resumed may count as changed too."""

    listed_count: int
    added_count: int
    changed_count: int
    resumed_count: int
    paused_count: int


def sync_feeds(
    conn: Connection, listed: Sequence[ListedFeed], *, now: datetime, pause_unlisted: bool
) -> SyncReport:
    """Bring the table in line with the list; in the caller's transaction.

    With `pause_unlisted` the list is the whole truth: feeds that it does not name are paused and
    their credentials forgotten. A pause by a person stays either way.
    """
    conn.execute(text(_LOCK))
    _load_list(conn, listed)
    conn.execute(
        text(_LOCK_FEEDS), {"not_listed": NOT_LISTED, "pause_unlisted": pause_unlisted}
    ).one()
    changed = conn.execute(text(_UPDATE), {"now": now, "not_listed": NOT_LISTED}).all()
    added = conn.execute(text(_INSERT), {"now": now, "max_at_once": MAX_NEW_AT_ONCE}).rowcount
    conn.execute(text(_SAVE_SECRETS))
    paused = 0
    if pause_unlisted:
        paused = conn.execute(text(_PAUSE), {"not_listed": NOT_LISTED}).rowcount
        conn.execute(text(_FORGET_SECRETS))
    for statement in _DIMENSIONS:
        conn.execute(text(statement), {"now": now})
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
    conn.execute(text(_CREATE_LIST))
    conn.execute(text("TRUNCATE listed_feed"))
    conn.execute(text(_FILL_LIST), {"rows": msgspec.json.encode(rows).decode()})
    conn.execute(text("ANALYZE listed_feed"))


# Any constant will do; it only has to differ from the other locks of the database.
_LOCK = "SELECT pg_advisory_xact_lock(7365746665656473)"

_CREATE_LIST = """
CREATE TEMPORARY TABLE IF NOT EXISTS listed_feed (
    feed_url text PRIMARY KEY,
    credential text,
    title text,
    homepage_url text,
    outlet text,
    outlet_name text NOT NULL,
    language text,
    fixed_interval interval,
    tags text[] NOT NULL,
    topics text[] NOT NULL,
    due_fraction double precision NOT NULL
) ON COMMIT DROP
"""

_FILL_LIST = """
INSERT INTO listed_feed
SELECT feed_url, credential, title, homepage_url, outlet, outlet_name, language,
    make_interval(secs => poll_s), tags, topics, due_fraction
FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS given (
    feed_url text, credential text, title text, homepage_url text, outlet text, outlet_name text,
    language text, poll_s double precision, tags text[], topics text[],
    due_fraction double precision
)
"""

_DIFFERS = """
(feed.title, feed.homepage_url, feed.outlet, feed.language, feed.fixed_interval, feed.tags,
    feed.topics)
IS DISTINCT FROM (listed.title, listed.homepage_url, listed.outlet, listed.language,
    listed.fixed_interval, listed.tags, listed.topics)
"""
_IS_RESUMED = "(feed.state = 'paused' AND feed.paused_reason = :not_listed)"

# Rows are locked in the order of their key, all at once, here and wherever many feeds are written,
# so that two transactions never wait for each other. NO KEY: whoever refers to a feed may go on.
_LOCK_FEEDS = f"""
SELECT count(*) FROM (
    SELECT feed.feed_key
    FROM ops.feed
    LEFT JOIN listed_feed AS listed USING (feed_url)
    WHERE CASE
        WHEN listed.feed_url IS NULL THEN :pause_unlisted AND feed.state <> 'paused'
        ELSE {_IS_RESUMED} OR {_DIFFERS}
    END
    ORDER BY feed.feed_key
    FOR NO KEY UPDATE OF feed
) AS locked
"""  # noqa: S608 - only our own constants

_UPDATE = f"""
UPDATE ops.feed SET
    title = listed.title,
    homepage_url = listed.homepage_url,
    outlet = listed.outlet,
    language = listed.language,
    fixed_interval = listed.fixed_interval,
    tags = listed.tags,
    topics = listed.topics,
    state = CASE
        WHEN NOT listed.is_resumed THEN feed.state
        WHEN feed.last_error_class = 'gone' THEN 'gone'
        WHEN feed.failure_count > 0 THEN 'failing'
        ELSE 'healthy'
    END,
    paused_reason = CASE WHEN NOT listed.is_resumed THEN feed.paused_reason END,
    next_due_at = CASE
        WHEN listed.is_resumed THEN least(feed.next_due_at, CAST(:now AS timestamptz))
        WHEN feed.failure_count = 0 AND listed.fixed_interval IS NOT NULL
            THEN least(feed.next_due_at, CAST(:now AS timestamptz) + listed.fixed_interval)
        ELSE feed.next_due_at
    END
FROM (
    SELECT feed.feed_key, listed.*, {_DIFFERS} AS is_changed,
        coalesce({_IS_RESUMED}, false) AS is_resumed
    FROM ops.feed
    INNER JOIN listed_feed AS listed USING (feed_url)
) AS listed
WHERE feed.feed_key = listed.feed_key AND (listed.is_changed OR listed.is_resumed)
RETURNING listed.is_changed, listed.is_resumed
"""  # noqa: S608

_INSERT = """
WITH unknown AS (
    SELECT listed.*, count(*) OVER () AS new_count
    FROM listed_feed AS listed
    WHERE NOT EXISTS (SELECT FROM ops.feed WHERE feed.feed_url = listed.feed_url)
)
INSERT INTO ops.feed (
    feed_url, fetch_url, title, homepage_url, outlet, language, fixed_interval, tags, topics,
    next_due_at, created_at
)
SELECT
    feed_url, feed_url, title, homepage_url, outlet, language, fixed_interval, tags, topics,
    CAST(:now AS timestamptz) + CASE
        WHEN new_count > :max_at_once THEN due_fraction * interval '1 hour'
        ELSE interval '0'
    END,
    :now
FROM unknown
ORDER BY feed_url
ON CONFLICT (feed_url) DO NOTHING
"""

_SAVE_SECRETS = """
INSERT INTO ops.feed_secret AS secret (feed_key, credential)
SELECT feed.feed_key, listed.credential
FROM ops.feed
INNER JOIN listed_feed AS listed USING (feed_url)
WHERE listed.credential IS NOT NULL
ORDER BY feed.feed_key
ON CONFLICT (feed_key) DO UPDATE SET credential = excluded.credential
WHERE secret.credential <> excluded.credential
"""

_PAUSE = """
UPDATE ops.feed SET state = 'paused', paused_reason = :not_listed
WHERE state <> 'paused'
    AND NOT EXISTS (SELECT FROM listed_feed WHERE listed_feed.feed_url = feed.feed_url)
"""

_FORGET_SECRETS = """
DELETE FROM ops.feed_secret
WHERE NOT EXISTS (
    SELECT
    FROM ops.feed
    INNER JOIN listed_feed USING (feed_url)
    WHERE feed.feed_key = feed_secret.feed_key AND listed_feed.credential IS NOT NULL
)
"""

_WANTED_DIMENSION = """
SELECT feed.feed_key, feed.feed_url, feed.title, dim_outlet.outlet_key, feed.language,
    feed.tags, feed.topics
FROM ops.feed
INNER JOIN listed_feed AS listed USING (feed_url)
INNER JOIN core.dim_outlet ON dim_outlet.outlet = listed.outlet_name
"""
_DIMENSION_DIFFERS = """
dim.feed_key = wanted.feed_key AND dim.valid_to IS NULL
AND (dim.title, dim.outlet_key, dim.language, dim.tags, dim.topics)
    IS DISTINCT FROM (wanted.title, wanted.outlet_key, wanted.language, wanted.tags, wanted.topics)
"""

_DIMENSIONS = (
    """
    INSERT INTO core.dim_outlet (outlet)
    SELECT DISTINCT listed.outlet_name
    FROM listed_feed AS listed
    WHERE NOT EXISTS (SELECT FROM core.dim_outlet WHERE outlet = listed.outlet_name)
    ORDER BY listed.outlet_name
    ON CONFLICT (outlet) DO NOTHING
    """,
    # A version that began at this very instant is corrected; an older one ends now.
    f"""
    UPDATE core.dim_feed AS dim SET
        title = wanted.title, outlet_key = wanted.outlet_key, language = wanted.language,
        tags = wanted.tags, topics = wanted.topics
    FROM ({_WANTED_DIMENSION}) AS wanted
    WHERE {_DIMENSION_DIFFERS} AND dim.valid_from >= :now
    """,  # noqa: S608 - only our own constants
    f"""
    UPDATE core.dim_feed AS dim SET valid_to = :now
    FROM ({_WANTED_DIMENSION}) AS wanted
    WHERE {_DIMENSION_DIFFERS}
    """,  # noqa: S608
    f"""
    INSERT INTO core.dim_feed (
        feed_key, feed_url, title, outlet_key, language, tags, topics, valid_from
    )
    SELECT wanted.*, CAST(:now AS timestamptz)
    FROM ({_WANTED_DIMENSION}) AS wanted
    WHERE NOT EXISTS (
        SELECT FROM core.dim_feed AS dim
        WHERE dim.feed_key = wanted.feed_key AND dim.valid_to IS NULL
    )
    ORDER BY wanted.feed_key
    """,  # noqa: S608
)
