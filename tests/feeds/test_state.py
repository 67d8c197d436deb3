"""Feeds' health in `ops.feed`: what was decided is what is read next time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from silkwire.feeds.lease import lease_due_feeds
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.schedule.health import FeedHealth, FeedState, FeedUpdate, Move
from silkwire.feeds.state import apply_updates, clear_validators, load_states
from silkwire.feeds.sync import sync_feeds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(hours=3)
TICK = timedelta(minutes=10)


@pytest.fixture
def conn(warehouse: Engine):
    with warehouse.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO ops.batch (batch_id, trigger, started_at, lease_expires_at)"
                " SELECT id, 'cli', :now, :now FROM unnest(ARRAY['b1', 'b2']) AS id"
            ),
            {"now": NOW},
        )
        yield connection


def lease(conn: Connection, *listed: ListedFeed, batch_id: str = "b1") -> list[FeedState]:
    """The feeds' states in the order of their urls."""
    sync_feeds(conn, listed, now=NOW, pause_unlisted=False)
    feeds, _ = lease_due_feeds(conn, batch_id, now=NOW, tick=TICK)
    states = load_states(conn, [feed.feed_key for feed in feeds])
    return sorted(states.values(), key=lambda state: state.feed_url)


A = ListedFeed("https://a.example/", poll=timedelta(minutes=10))
FULL = FeedHealth(
    fetch_url="https://moved.example/",
    state="failing",
    etag='W/"\'\\é"',
    last_modified="Sun, 01 Mar 2026 12:00:00 GMT",
    body_hash="ab" * 32,
    entries_hash="cd" * 32,
    poll_interval=timedelta(minutes=33, microseconds=5),
    next_due_at=LATER,
    failure_count=3,
    last_error_class="timeout",
    last_error="no answer; DROP TABLE ops.feed",
    last_fetched_at=NOW,
    last_success_at=NOW,
    last_new_entry_at=NOW,
    moved_to_url="https://next.example/",
    moved_count=2,
    redirect_history=(Move(NOW, "https://a.example/", "https://moved.example/", "why"),),
    suggested_feed_url="https://b.example/",
    is_urls_repeat=True,
    is_guids_repeat=True,
    skip_hours=(0, 23),
    skip_days=(7,),
)


def test_a_new_feed_is_healthy_and_knows_nothing(conn: Connection) -> None:
    (state,) = lease(conn, A)
    assert state.health == FeedHealth(fetch_url="https://a.example/", next_due_at=NOW)
    assert state.fixed_interval == timedelta(minutes=10)


def test_what_was_decided_is_what_is_read(conn: Connection) -> None:
    (state,) = lease(conn, A)
    assert apply_updates(conn, [FeedUpdate(state.feed_key, FULL)], batch_id="b1") == 1
    assert load_states(conn, [state.feed_key])[state.feed_key].health == FULL


def test_applying_clears_the_lease(conn: Connection) -> None:
    (state,) = lease(conn, A)
    apply_updates(conn, [FeedUpdate(state.feed_key, replace(FULL, next_due_at=NOW))])
    assert len(lease(conn, batch_id="b2")) == 1


def test_a_batch_writes_only_feeds_that_it_still_holds(conn: Connection) -> None:
    (state,) = lease(conn, A)
    assert apply_updates(conn, [FeedUpdate(state.feed_key, FULL)], batch_id="b2") == 0
    assert load_states(conn, [state.feed_key])[state.feed_key] == state


def test_a_feed_paused_meanwhile_stays_paused_and_keeps_what_was_learned(conn: Connection) -> None:
    (state,) = lease(conn, A)
    conn.execute(text("UPDATE ops.feed SET state = 'paused', paused_reason = 'by hand'"))
    apply_updates(conn, [FeedUpdate(state.feed_key, FULL)])
    row = conn.execute(text("SELECT state, failure_count FROM ops.feed")).one()
    assert tuple(row) == ("paused", 3)
    assert load_states(conn, [state.feed_key])[state.feed_key].health.state == "failing"


def test_flags_that_another_batch_turned_on_stay_on(conn: Connection) -> None:
    (state,) = lease(conn, A)
    conn.execute(text("UPDATE ops.feed SET urls_repeat = true"))
    apply_updates(conn, [FeedUpdate(state.feed_key, state.health)])
    assert load_states(conn, [state.feed_key])[state.feed_key].health.is_urls_repeat


def test_clearing_validators_makes_the_next_fetch_unconditional(conn: Connection) -> None:
    (state,) = lease(conn, A)
    apply_updates(conn, [FeedUpdate(state.feed_key, FULL)])
    assert clear_validators(conn, [state.feed_key]) == 1
    cleared = load_states(conn, [state.feed_key])[state.feed_key].health
    assert cleared == replace(
        FULL, etag=None, last_modified=None, body_hash=None, entries_hash=None
    )


def test_no_updates_are_no_statement(conn: Connection) -> None:
    assert apply_updates(conn, []) == 0


@pytest.mark.parametrize(
    ("host", "slowed"),
    [
        ("a.example", ["/1", "/2", "/3", ":8080/4"]),
        ("rsshub.app", ["/1"]),
        ("www.youtube.com", ["/1"]),
    ],
)
def test_retry_after_slows_all_feeds_of_the_host_but_not_of_a_platform(
    conn: Connection, host: str, slowed: list[str]
) -> None:
    listed = [
        ListedFeed(f"https://{host}/1", outlet="Post"),
        ListedFeed(f"https://{host}/2", outlet="Times"),
        ListedFeed(f"https://{host.upper()}/3"),
        ListedFeed(f"https://{host}:8080/4"),
        ListedFeed("https://post.example/", outlet="Post"),
        ListedFeed(f"https://post.example/{host}/5"),
    ]
    sync_feeds(conn, listed, now=NOW, pause_unlisted=False)
    sql = "SELECT feed_key FROM ops.feed WHERE feed_url LIKE '%/1'"
    key = conn.execute(text(sql)).scalar_one()
    health = replace(load_states(conn, [key])[key].health, next_due_at=LATER)
    apply_updates(conn, [FeedUpdate(key, health, quiet_until=LATER)])
    sql = "SELECT lower(feed_url) FROM ops.feed WHERE next_due_at >= :later ORDER BY 1"
    found = conn.execute(text(sql), {"later": LATER}).scalars().all()
    assert sorted(found) == sorted(f"https://{host}{rest}" for rest in slowed)


def test_retry_after_never_brings_a_feed_forward(conn: Connection) -> None:
    sync_feeds(
        conn,
        [ListedFeed("https://a.example/1"), ListedFeed("https://a.example/2")],
        now=NOW,
        pause_unlisted=False,
    )
    conn.execute(text("UPDATE ops.feed SET next_due_at = :at"), {"at": LATER + 2 * TICK})
    keys = conn.execute(text("SELECT feed_key FROM ops.feed ORDER BY 1")).scalars().all()
    health = load_states(conn, keys)[keys[0]].health
    apply_updates(conn, [FeedUpdate(keys[0], health, quiet_until=LATER)])
    dues = conn.execute(text("SELECT next_due_at FROM ops.feed")).scalars().all()
    assert dues == [LATER + 2 * TICK] * 2


def test_syncs_leases_and_loads_at_once_never_wait_for_each_other(warehouse: Engine) -> None:
    urls = [f"https://h{n % 20}.example/{n}" for n in range(300)]
    with warehouse.begin() as conn:
        conn.execute(
            text(
                "INSERT INTO ops.batch (batch_id, trigger, started_at, lease_expires_at)"
                " SELECT 'b' || id, 'cli', :now, :now FROM generate_series(0, 2) AS id"
            ),
            {"now": NOW},
        )

    def sync(turn: int) -> None:
        for n in range(12):
            listed = [ListedFeed(url, title=str(n), outlet="O") for url in urls[turn + n :: 2]]
            with warehouse.begin() as conn:
                sync_feeds(conn, listed, now=NOW + n * TICK, pause_unlisted=True)

    def load(turn: int) -> None:
        for n in range(12):
            with warehouse.begin() as conn:
                feeds, _ = lease_due_feeds(
                    conn, f"b{turn}", now=NOW, tick=TICK, ignore_due=True, limit=100
                )
            with warehouse.begin() as conn:
                states = load_states(conn, [feed.feed_key for feed in feeds])
                quiet = NOW + n * TICK if n % 3 == 0 else None
                updates = [FeedUpdate(s.feed_key, s.health, quiet) for s in states.values()]
                apply_updates(conn, updates[::-1], batch_id=f"b{turn}")

    with ThreadPoolExecutor(5) as pool:
        jobs = [pool.submit(sync, turn) for turn in range(2)]
        jobs += [pool.submit(load, turn) for turn in range(3)]
        for job in jobs:
            job.result()
