"""What a batch leases: the feeds that are due, each once, fairly by host and outlet."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from silkwire.feeds.lease import lease_due_feeds, load_credentials, release_leases
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.sync import sync_feeds
from silkwire.model import PlannedFeed

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TICK = timedelta(minutes=10)


@pytest.fixture
def conn(warehouse: Engine):
    with warehouse.connect() as connection:
        begin_batches(connection)
        yield connection


def begin_batches(conn: Connection) -> None:
    conn.execute(
        text(
            "INSERT INTO ops.batch (batch_id, trigger, started_at, lease_expires_at)"
            " SELECT id, 'cli', :now, :now FROM unnest(ARRAY['b1', 'b2', 'b3', 'b4']) AS id"
        ),
        {"now": NOW},
    )


def list_feeds(conn: Connection, *urls: str, **values: object) -> None:
    feeds = [ListedFeed(url, **values) for url in urls]
    sync_feeds(conn, feeds, now=NOW, pause_unlisted=False)


def set_feed(conn: Connection, url: str, **values: object) -> None:
    columns = ", ".join(f"{name} = :{name}" for name in values)
    conn.execute(
        text(f"UPDATE ops.feed SET {columns} WHERE feed_url = :url"), {**values, "url": url}
    )


def lease(conn: Connection, batch_id: str = "b1", **options) -> tuple[list[str], int]:
    feeds, skipped = lease_due_feeds(conn, batch_id, now=NOW, tick=TICK, **options)
    return [feed.feed_url for feed in feeds], skipped


def test_a_feed_is_due_if_its_time_comes_before_half_a_tick_from_now(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/", "https://b.example/")
    set_feed(conn, "https://a.example/", next_due_at=NOW + timedelta(minutes=4, seconds=59))
    set_feed(conn, "https://b.example/", next_due_at=NOW + timedelta(minutes=5))
    assert lease(conn) == (["https://a.example/"], 1)


def test_ignoring_due_times_takes_every_feed_but_the_paused(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/", "https://b.example/")
    set_feed(conn, "https://a.example/", next_due_at=NOW + timedelta(days=1))
    set_feed(conn, "https://b.example/", state="paused", paused_reason="by hand")
    assert lease(conn, ignore_due=True) == (["https://a.example/"], 1)


def test_what_one_batch_holds_another_skips(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/")
    assert lease(conn, "b1") == (["https://a.example/"], 0)
    assert lease(conn, "b2") == ([], 1)


def test_planning_again_gives_the_same_feeds_and_no_others(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/")
    lease(conn)
    list_feeds(conn, "https://b.example/")
    assert lease(conn) == (["https://a.example/"], 1)


def test_a_lease_ends_with_its_batch(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/")
    lease(conn, "b1")
    conn.execute(text("UPDATE ops.batch SET state = 'abandoned' WHERE batch_id = 'b1'"))
    assert lease(conn, "b2") == (["https://a.example/"], 0)


def test_leases_that_are_released_are_due_again(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/")
    lease(conn, "b1")
    assert release_leases(conn, "b1") == 1
    assert lease(conn, "b2") == (["https://a.example/"], 0)


def test_a_list_of_its_own_runs_its_feeds_alone_though_no_other_list_names_them(
    conn: Connection,
) -> None:
    list_feeds(conn, "https://a.example/", "https://b.example/", "https://c.example/")
    set_feed(conn, "https://b.example/", state="paused", paused_reason="not in the feed list")
    set_feed(conn, "https://c.example/", state="paused", paused_reason="by hand")
    own = ["https://b.example/", "https://c.example/"]
    assert lease(conn, only_urls=own) == (["https://b.example/"], 1)


def test_feeds_that_are_not_listed_are_neither_leased_nor_counted(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/", "https://b.example/")
    set_feed(conn, "https://b.example/", state="paused", paused_reason="not in the feed list")
    assert lease(conn) == (["https://a.example/"], 0)


def test_a_host_with_thousands_of_feeds_does_not_crowd_out_the_others(conn: Connection) -> None:
    list_feeds(conn, *(f"https://big.example/{n}" for n in range(3000)))
    conn.execute(text("UPDATE ops.feed SET next_due_at = :due"), {"due": NOW - TICK / 4})
    list_feeds(conn, *(f"https://s{n}.example/" for n in range(9)))
    feeds, skipped = lease(conn, limit=12)
    assert sum("big" in url for url in feeds) == 3
    assert skipped == 2997


def test_a_host_is_asked_for_no_more_feeds_than_its_limit_and_the_rest_go_next(
    conn: Connection,
) -> None:
    list_feeds(conn, *(f"https://big.example/{n}" for n in range(9)), "https://small.example/")
    first, skipped = lease(conn, "b1", host_limit=5)
    assert ("https://small.example/" in first, len(first), skipped) == (True, 6, 4)
    second, _ = lease(conn, "b2", host_limit=5)
    assert len(second) == 4
    assert not set(first) & set(second)


def test_an_outlet_with_many_hosts_does_not_crowd_out_the_others(conn: Connection) -> None:
    list_feeds(conn, *(f"https://h{n}.big.example/" for n in range(300)), outlet="Big")
    list_feeds(conn, *(f"https://s{n}.example/" for n in range(9)))
    assert sum("big" in url for url in lease(conn, limit=10)[0]) == 1


def test_a_feed_that_waited_long_goes_first_so_that_none_starves(conn: Connection) -> None:
    list_feeds(conn, *(f"https://big.example/{n}" for n in range(30)))
    list_feeds(conn, *(f"https://s{n}.example/" for n in range(9)))
    set_feed(conn, "https://big.example/29", next_due_at=NOW - timedelta(hours=10))
    assert lease(conn, limit=1)[0] == ["https://big.example/29"]


def test_a_planned_feed_carries_what_the_fetch_needs(conn: Connection) -> None:
    list_feeds(conn, "https://a.example/", outlet="Post", language="zh-hant", topics=("ai",))
    set_feed(conn, "https://a.example/", etag='"e"', body_hash=bytes(32), urls_repeat=True)
    (feed,), _ = lease_due_feeds(conn, "b1", now=NOW, tick=TICK)
    assert feed == PlannedFeed(
        feed_key=feed.feed_key,
        feed_url="https://a.example/",
        fetch_url="https://a.example/",
        outlet="Post",
        language="zh",
        topics=("ai",),
        etag='"e"',
        body_hash="00" * 32,
        is_urls_repeat=True,
    )


def test_one_fetch_in_fifty_is_unconditional_but_still_knows_the_last_body(
    conn: Connection,
) -> None:
    list_feeds(conn, *(f"https://s{n}.example/" for n in range(5000)))
    conn.execute(text("UPDATE ops.feed SET etag = 'e', last_modified = 'm', body_hash = '\\x00'"))
    feeds, _ = lease_due_feeds(conn, "b1", now=NOW, tick=TICK)
    bare = [feed for feed in feeds if feed.etag is None]
    assert 70 < len(bare) < 130
    assert all(feed.last_modified is None and feed.body_hash == "00" for feed in bare)


def test_a_feed_that_brought_something_last_time_is_asked_conditionally(conn: Connection) -> None:
    list_feeds(conn, *(f"https://s{n}.example/" for n in range(1000)))
    conn.execute(text("UPDATE ops.feed SET etag = 'e', last_success_at = now()"))
    conn.execute(text("UPDATE ops.feed SET last_new_entry_at = last_success_at"))
    feeds, _ = lease_due_feeds(conn, "b1", now=NOW, tick=TICK)
    assert [feed.etag for feed in feeds] == ["e"] * 1000


def test_four_planners_at_once_lease_each_feed_once(warehouse: Engine) -> None:
    with warehouse.begin() as conn:
        begin_batches(conn)
        list_feeds(conn, *(f"https://s{n}.example/" for n in range(400)))

    def plan(batch_id: str) -> list[str]:
        with warehouse.begin() as conn:
            return lease(conn, batch_id)[0]

    with ThreadPoolExecutor(4) as pool:
        leased = [url for urls in pool.map(plan, ["b1", "b2", "b3", "b4"]) for url in urls]
    assert len(leased) == len(set(leased)) == 400


def test_a_credential_does_not_follow_a_feed_to_another_site(conn: Connection) -> None:
    list_feeds(conn, "http://a.example/", "https://b.example/", credential="u:p")
    set_feed(conn, "http://a.example/", fetch_url="https://a.example/rss")
    set_feed(conn, "https://b.example/", fetch_url="https://evil.example/")
    feeds, _ = lease_due_feeds(conn, "b1", now=NOW, tick=TICK)
    credentials = load_credentials(conn, [feed.feed_key for feed in feeds])
    by_key = {feed.feed_key: feed.feed_url for feed in feeds}
    assert {by_key[key]: value for key, value in credentials.items()} == {
        "http://a.example/": "u:p"
    }
