"""Redirects: which are adopted as a feed's address, and when one is given up."""

from dataclasses import replace

import pytest

from helpers.feedstates import NOW, URL, decide, failed, feed, fetched
from silkwire.feeds.schedule.health import FeedHealth, FeedState
from silkwire.model import ErrorClass, FetchResult, Redirect


def moved(*hops: tuple[int, str]) -> FetchResult:
    return fetched(redirects=tuple(Redirect(*hop) for hop in hops))


def follow(state: FeedState, *results: FetchResult) -> FeedHealth:
    for result in results:
        state = replace(state, health=decide(state, result))
    return state.health


NEW_URL = "https://new.example/rss"


def test_a_permanent_redirect_is_adopted_at_its_third_sighting_in_a_row() -> None:
    twice = follow(feed(), *[moved((301, NEW_URL))] * 2)
    assert (twice.fetch_url, twice.moved_to_url, twice.moved_count) == (URL, NEW_URL, 2)
    thrice = follow(feed(), *[moved((308, NEW_URL))] * 3)
    assert (thrice.fetch_url, thrice.moved_to_url, thrice.moved_count) == (NEW_URL, None, 0)
    (move,) = thrice.redirect_history
    assert (move.from_url, move.to_url, move.at) == (URL, NEW_URL, NOW)
    assert move.reason == "adopted a permanent redirect"


def test_sightings_must_follow_one_another() -> None:
    health = follow(feed(), *[moved((301, NEW_URL))] * 2, moved(), *[moved((301, NEW_URL))] * 2)
    assert (health.fetch_url, health.moved_count) == (URL, 2)
    between = follow(feed(), *[moved((301, NEW_URL))] * 2, moved())
    assert (between.moved_to_url, between.moved_count) == (None, 0)
    other = follow(feed(), *[moved((301, NEW_URL))] * 2, moved((301, "https://c.example/")))
    assert (other.moved_to_url, other.moved_count) == ("https://c.example/", 1)


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_never_adopted(status: int) -> None:
    assert follow(feed(), *[moved((status, NEW_URL))] * 9).fetch_url == URL


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        ([(301, "https://b.example/"), (302, "https://c.example/")], "https://b.example/"),
        ([(302, "https://b.example/"), (301, "https://c.example/")], URL),
        ([(301, "/feed")], "https://a.example/feed"),
        ([(301, "http://a.example/rss")], URL),
        ([(301, "https://u:p@a.example/rss")], URL),
        ([(301, "ftp://a.example/rss")], URL),
        ([(301, "https://b.example/"), (301, URL)], URL),
    ],
)
def test_what_is_adopted_is_where_the_leading_permanent_hops_end(hops, expected) -> None:
    assert follow(feed(), *[moved(*hops)] * 3).fetch_url == expected


def test_a_redirect_to_what_is_no_feed_is_not_adopted() -> None:
    state = feed()
    for _ in range(5):
        health = decide(state, moved((301, NEW_URL)), error_class=ErrorClass.HTML)
        state = replace(state, health=health)
    assert state.health.fetch_url == URL


def test_an_adopted_address_that_keeps_failing_is_given_up_for_the_listed_one() -> None:
    state = feed(fetch_url=NEW_URL, etag="e", last_modified="m")
    health = follow(state, *[failed(ErrorClass.CLIENT_ERROR)] * 5)
    assert (health.fetch_url, health.etag, health.last_modified) == (URL, None, None)
    move = health.redirect_history[-1]
    assert (move.at, move.reason) == (NOW, "the adopted address keeps failing")


def test_a_feed_that_never_moved_has_nowhere_to_return_to() -> None:
    health = follow(feed(etag="e"), *[failed(ErrorClass.CLIENT_ERROR)] * 5)
    assert (health.etag, health.redirect_history) == ("e", ())


def test_the_last_twenty_moves_are_remembered() -> None:
    state, reached = feed(), []
    for number in range(25):
        reached.append(f"https://h{number}.example/rss")
        health = follow(state, *[moved((301, reached[-1]))] * 3)
        state = replace(state, health=health)
    assert [move.to_url for move in state.health.redirect_history] == reached[5:]
