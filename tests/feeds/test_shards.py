"""How a batch's feeds are cut into shards, and what people read as a shard's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.feeds.shards import name_shard, shard_feeds
from silkwire.model import PlannedFeed


def planned(key: int, host: str) -> PlannedFeed:
    return PlannedFeed(key, f"https://{host}/{key}", f"https://{host}/{key}")


@given(st.lists(st.integers(0, 12), max_size=60), st.integers(1, 15))
def test_shards_keep_hosts_together_and_are_few(hosts: list[int], shard_size: int) -> None:
    feeds = [planned(key, f"h{host}.example") for key, host in enumerate(hosts)]
    shards = shard_feeds(feeds, shard_size)
    assert sorted(feed.feed_key for shard in shards for feed in shard) == list(range(len(feeds)))
    homes = [{feed.fetch_url.split("/")[2] for feed in shard} for shard in shards]
    assert sum(len(home) for home in homes) == len(set(hosts))
    for shard, home in zip(shards, homes, strict=True):
        assert 0 < len(shard) <= shard_size or len(home) == 1
    assert sum(2 * len(shard) <= shard_size for shard in shards) <= 1


def test_no_feeds_need_no_shard() -> None:
    assert shard_feeds([], 500) == ()


def test_a_shard_keeps_the_fair_order() -> None:
    feeds = [planned(key, f"h{key % 3}.example") for key in range(9)]
    assert shard_feeds(feeds, 9) == (tuple(feeds),)


def plan(*hosts: str) -> list[PlannedFeed]:
    return [planned(key, host) for key, host in enumerate(hosts)]


def test_a_host_goes_into_the_fullest_shard_that_has_room_for_all_of_it() -> None:
    feeds = plan("a", "b", "a", "c", "b", "a", "d")
    shards = shard_feeds(feeds, 4)
    assert [[feed.feed_key for feed in shard] for shard in shards] == [[0, 2, 3, 5], [1, 4, 6]]


def test_a_host_that_is_larger_than_a_shard_stays_in_one() -> None:
    assert [len(shard) for shard in shard_feeds(plan("a", "b", "a", "a"), 2)] == [3, 1]


@pytest.mark.parametrize(
    ("hosts", "name"),
    [
        (("b", "a", "a"), "a, b"),
        (("c", "b", "a", "a"), "a, c, b"),
        (("d", "c", "b", "a", "a"), "a, d, c and 1 host more"),
        (("e", "d", "c", "b", "a", "a"), "a, e, d and 2 hosts more"),
        ((f"{'h' * 61}.example",), "h" * 60),
    ],
)
def test_a_shard_is_named_after_its_largest_hosts(hosts: tuple[str, ...], name: str) -> None:
    assert name_shard(plan(*hosts)) == name


def test_a_name_has_nothing_that_a_scheduler_takes_for_a_template() -> None:
    odd = PlannedFeed(1, "https://a/", "https://{{1}}.example/")
    assert name_shard([odd, PlannedFeed(2, "mailto:", "mailto:")]) == "??1??.example, no host"


def test_as_many_hosts_are_named_as_are_asked_for() -> None:
    assert name_shard(plan("a", "b", "c"), host_count=1) == "a and 2 hosts more"
