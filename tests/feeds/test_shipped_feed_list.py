"""The feed list that is shipped: config/feeds.opml."""

import csv
from fnmatch import fnmatch

import pytest

from helpers.places import SHARED
from silkwire.feeds.opml.read import read_feed_list
from silkwire.resources import CONFIG_DIR
from silkwire.topics import list_topics

FEEDS = SHARED / "feeds"


@pytest.fixture(scope="module")
def listed():
    return read_feed_list(CONFIG_DIR / "feeds.opml", list_topics(CONFIG_DIR))


def read_rows(name):
    if not FEEDS.is_dir():
        pytest.skip("../shared/feeds is not here")
    with (FEEDS / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def test_every_feed_says_whose_it_is_and_in_which_language(listed):
    assert [feed for feed in listed if not (feed.title and feed.outlet and feed.language)] == []
    assert [feed for feed in listed if not feed.homepage_url] == []


def test_feeds_lie_in_four_folders(listed):
    assert {feed.tags[-1] for feed in listed} == {"AI", "China", "Travel", "World"}


def test_feeds_of_ai_laboratories_are_dedicated(listed):
    dedicated = {feed.feed_url for feed in listed if feed.topics == ("ai",)}
    assert "https://openai.com/news/rss.xml" in dedicated
    assert "https://techcrunch.com/category/artificial-intelligence/feed/" in dedicated


def test_general_feeds_are_dedicated_to_nothing(listed):
    assert {feed.tags[-1] for feed in listed if feed.topics} == {"AI"}


def test_no_dead_address_is_listed(listed):
    dead = [row["url"] for row in read_rows("dead.tsv")]
    assert [f.feed_url for f in listed if any(fnmatch(f.feed_url, url) for url in dead)] == []


def test_list_holds_the_feeds_of_which_we_are_sure(listed):
    rows = read_rows("feeds.tsv")
    sure = {r["url"] for r in rows if r["confidence"] == "high" and r["group"] != "search"}
    assert {feed.feed_url for feed in listed} == sure
