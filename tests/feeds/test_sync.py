"""`ops.feed` follows the feed list: nothing deleted, a person's pause kept, history in dim_feed."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import sleep
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.pause import pause_feed
from silkwire.feeds.sync import SyncReport, sync_feeds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
A = ListedFeed("https://a.example/rss", title="A", outlet="Post", language="en", tags=("news",))
B = ListedFeed("https://www.b.example/rss", title="B")


@pytest.fixture
def conn(warehouse: Engine):
    with warehouse.connect() as connection:
        yield connection


def rows(conn: Connection, sql: str, **values: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in conn.execute(text(sql), values)]


def states(conn: Connection) -> list[tuple[Any, ...]]:
    return rows(conn, "SELECT feed_url, state, paused_reason FROM ops.feed ORDER BY feed_url")


def test_new_feeds_appear_and_are_due_at_once(conn: Connection) -> None:
    report = sync_feeds(conn, [A, B], now=NOW, pause_unlisted=True)
    assert report == SyncReport(2, 2, 0, 0, 0)
    sql = "SELECT feed_url, fetch_url, title, outlet, tags, state, next_due_at FROM ops.feed"
    assert rows(conn, sql + " ORDER BY feed_url") == [
        (A.feed_url, A.feed_url, "A", "Post", ["news"], "healthy", NOW),
        (B.feed_url, B.feed_url, "B", None, [], "healthy", NOW),
    ]


def test_a_second_sync_changes_nothing(conn: Connection) -> None:
    sync_feeds(conn, [A, B], now=NOW, pause_unlisted=True)
    before = rows(conn, "SELECT xmin, * FROM ops.feed"), rows(conn, "SELECT * FROM core.dim_feed")
    assert sync_feeds(conn, [A, B], now=LATER, pause_unlisted=True) == SyncReport(2, 0, 0, 0, 0)
    after = rows(conn, "SELECT xmin, * FROM ops.feed"), rows(conn, "SELECT * FROM core.dim_feed")
    assert after == before


def test_a_feed_no_longer_listed_is_paused_with_that_reason_and_resumed_when_it_is(
    conn: Connection,
) -> None:
    sync_feeds(conn, [A, B], now=NOW, pause_unlisted=True)
    assert sync_feeds(conn, [A], now=NOW, pause_unlisted=True).paused_count == 1
    assert states(conn)[1] == (B.feed_url, "paused", "not in the feed list")
    assert sync_feeds(conn, [A, B], now=LATER, pause_unlisted=True).resumed_count == 1
    assert states(conn)[1] == (B.feed_url, "healthy", None)


def test_a_resumed_feed_is_as_ill_as_it_was(conn: Connection) -> None:
    sync_feeds(conn, [A, B], now=NOW, pause_unlisted=True)
    conn.execute(text("UPDATE ops.feed SET failure_count = 3, last_error_class = 'gone'"))
    sync_feeds(conn, [], now=NOW, pause_unlisted=True)
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    assert states(conn)[0] == (A.feed_url, "gone", None)


def test_a_pause_by_a_person_stays_whatever_the_list_says(conn: Connection) -> None:
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    conn.execute(text("UPDATE ops.feed SET state = 'paused', paused_reason = 'legal asked'"))
    for listed in ([], [A]):
        sync_feeds(conn, listed, now=NOW, pause_unlisted=True)
        assert states(conn) == [(A.feed_url, "paused", "legal asked")]


def test_a_list_of_its_own_pauses_nothing_and_forgets_no_credential(conn: Connection) -> None:
    sync_feeds(conn, [replace(A, credential="u:p")], now=NOW, pause_unlisted=True)
    report = sync_feeds(conn, [B], now=NOW, pause_unlisted=False)
    assert report == SyncReport(1, 1, 0, 0, 0)
    assert [state for _, state, _ in states(conn)] == ["healthy", "healthy"]
    assert rows(conn, "SELECT credential FROM ops.feed_secret") == [("u:p",)]


def test_credentials_live_in_feed_secret_alone_and_go_with_the_list(conn: Connection) -> None:
    for credential in ("u:p", "u:new"):
        sync_feeds(conn, [replace(A, credential=credential)], now=NOW, pause_unlisted=True)
        assert rows(conn, "SELECT credential FROM ops.feed_secret") == [(credential,)]
    assert "u:new" not in str(rows(conn, "SELECT * FROM ops.feed"))
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    assert rows(conn, "SELECT credential FROM ops.feed_secret") == []


def test_what_fetching_learned_outlasts_a_change_of_the_list(conn: Connection) -> None:
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    conn.execute(text("UPDATE ops.feed SET etag = 'e', fetch_url = 'https://moved.example/'"))
    report = sync_feeds(conn, [replace(A, title="Z")], now=LATER, pause_unlisted=True)
    assert report.changed_count == 1
    assert rows(conn, "SELECT title, etag, fetch_url FROM ops.feed") == [
        ("Z", "e", "https://moved.example/")
    ]


def test_a_shorter_poll_brings_the_next_fetch_forward(conn: Connection) -> None:
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    conn.execute(text("UPDATE ops.feed SET next_due_at = :due"), {"due": LATER})
    urgent = replace(A, poll=timedelta(minutes=10))
    sync_feeds(conn, [urgent], now=NOW, pause_unlisted=True)
    assert rows(conn, "SELECT fixed_interval, next_due_at FROM ops.feed") == [
        (timedelta(minutes=10), NOW + timedelta(minutes=10))
    ]


def test_dim_feed_keeps_each_version_and_when_it_held(conn: Connection) -> None:
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    sync_feeds(conn, [replace(A, title="Z", topics=("ai",))], now=LATER, pause_unlisted=True)
    sql = "SELECT title, topics, valid_from, valid_to FROM core.dim_feed ORDER BY valid_from"
    assert rows(conn, sql) == [("A", [], NOW, LATER), ("Z", ["ai"], LATER, None)]


def test_two_changes_at_one_instant_are_one_version(conn: Connection) -> None:
    sync_feeds(conn, [A], now=NOW, pause_unlisted=True)
    sync_feeds(conn, [replace(A, title="Z")], now=NOW, pause_unlisted=True)
    assert rows(conn, "SELECT title, valid_to FROM core.dim_feed") == [("Z", None)]


def test_an_outlet_that_the_list_does_not_name_is_called_after_its_host(conn: Connection) -> None:
    sync_feeds(conn, [A, B], now=NOW, pause_unlisted=True)
    sql = "SELECT outlet FROM core.dim_feed JOIN core.dim_outlet USING (outlet_key) ORDER BY 1"
    assert rows(conn, sql) == [("Post",), ("b.example",)]


def test_two_syncs_at_once_end_as_one(warehouse: Engine) -> None:
    listed = [ListedFeed(f"https://{n % 50}.example/{n}", credential="u:p") for n in range(500)]

    def sync(turn: int) -> SyncReport:
        with warehouse.begin() as conn:
            return sync_feeds(conn, listed[:: 1 if turn % 2 else -1], now=NOW, pause_unlisted=True)

    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(sync, range(4)))
    assert sorted(report.added_count for report in reports) == [0, 0, 0, 500]
    with warehouse.connect() as conn:
        assert rows(conn, "SELECT count(*) FROM core.dim_feed") == [(500,)]


def is_waiting(warehouse: Engine) -> bool:
    """Whether a transaction of this database waits for another's row."""
    with warehouse.connect() as conn:
        sql = (
            "SELECT pid FROM pg_stat_activity WHERE wait_event = 'transactionid'"
            " AND datname = current_database()"
        )
        return bool(rows(conn, sql))


def test_a_pause_that_a_sync_waits_for_stays(warehouse: Engine) -> None:
    def sync(*listed: ListedFeed) -> SyncReport:
        with warehouse.begin() as conn:
            return sync_feeds(conn, listed, now=NOW, pause_unlisted=True)

    sync(A)
    sync()
    with ThreadPoolExecutor() as pool:
        with warehouse.begin() as person:
            pause_feed(person, A.feed_url, reason="legal asked")
            waiting = pool.submit(sync, A)
            while not is_waiting(warehouse):
                sleep(0.01)
        assert waiting.result().resumed_count == 0
    with warehouse.begin() as conn:
        assert states(conn) == [(A.feed_url, "paused", "legal asked")]


def test_twenty_thousand_feeds_take_a_dozen_statements_and_are_spread_over_an_hour(
    conn: Connection,
) -> None:
    listed = [
        ListedFeed(f"https://h{n % 3000}.example/{n}", outlet=f"o{n % 900}", tags=("x", "y"))
        for n in range(20_000)
    ]
    assert sync_feeds(conn, listed, now=NOW, pause_unlisted=True).added_count == 20_000
    minutes = rows(
        conn,
        "SELECT count(*) FROM ops.feed GROUP BY date_trunc('minute', next_due_at)",
    )
    assert len(minutes) == 60
    assert max(count for (count,) in minutes) < 500
