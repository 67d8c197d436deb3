"""A list that lost most of its feeds, most likely by mistake, is refused and changes nothing."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, Engine, text

from silkwire.errors import ConfigError
from silkwire.feeds.loss import Loss, find_loss, refuse_loss
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.pause import pause_feed
from silkwire.feeds.sync import sync_feeds

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TWELVE = tuple(ListedFeed(f"https://h{number}.example/rss") for number in range(12))


@pytest.fixture
def conn(warehouse: Engine):
    with warehouse.connect() as connection:
        sync_feeds(connection, TWELVE, now=NOW, pause_unlisted=True)
        yield connection


def fetch_first(conn: Connection, count: int, *, is_listed: bool) -> None:
    """A batch of the first feeds: by the list, or by a file that was named by hand."""
    conn.execute(
        text(
            "INSERT INTO ops.batch (batch_id, trigger, is_listed_feeds, started_at,"
            " lease_expires_at) VALUES (:batch, 'cli', :is_listed, :now, :now)"
        ),
        {"batch": f"b-{is_listed}", "is_listed": is_listed, "now": NOW},
    )
    conn.execute(text("SELECT ops.create_partitions(:now, :now)"), {"now": NOW})
    conn.execute(
        text(
            "INSERT INTO ops.fetch (batch_id, feed_key, started_at, fetch_url, outcome, wire_bytes,"
            " body_bytes, fetch_ms) SELECT :batch, feed_key, :now, feed_url, 'not_modified', 0,"
            " 0, 0 FROM ops.feed ORDER BY feed_key LIMIT :count"
        ),
        {"batch": f"b-{is_listed}", "count": count, "now": NOW},
    )


def test_a_list_of_half_of_the_feeds_is_taken_and_one_of_fewer_is_not(conn: Connection) -> None:
    assert find_loss(conn, TWELVE[:6]) == Loss(12, 6)
    refuse_loss(conn, TWELVE[:6], "feeds.opml")
    with pytest.raises(ConfigError) as caught:
        refuse_loss(conn, TWELVE[:5], "feeds.opml")
    assert str(caught.value) == (
        "feeds.opml: 7 of the 12 feeds are no longer in the list, so no feed is changed or"
        " fetched. Put them back or, if this is meant, run `silkwire ingest --yes` once"
    )


def test_of_fewer_than_ten_feeds_all_may_go(conn: Connection) -> None:
    for feed in TWELVE[:3]:
        pause_feed(conn, feed.feed_url, reason="by hand")
    assert find_loss(conn, ()) == Loss(9, 9)
    refuse_loss(conn, (), "feeds.opml")


def test_new_feeds_do_not_make_up_for_lost_ones(conn: Connection) -> None:
    others = [ListedFeed(f"https://o{number}.example/rss") for number in range(50)]
    with pytest.raises(ConfigError, match="12 of the 12 feeds"):
        refuse_loss(conn, others, "feeds.opml")


def test_feeds_that_were_only_fetched_by_hand_were_never_in_the_list(conn: Connection) -> None:
    fetch_first(conn, 8, is_listed=False)
    assert find_loss(conn, ()) == Loss(4, 4)
    fetch_first(conn, 7, is_listed=True)
    assert find_loss(conn, ()) == Loss(11, 11)
