"""Limits per host: turns and pauses, `Retry-After`, and hosts that never answer."""

import itertools
import time

import pytest

from helpers.fetching import build_feed, fetch_all
from helpers.patience import SOON_S
from helpers.publisher import (
    FEED,
    Names,
    Publisher,
    answer,
    hang,
    redirect,
    wait_and_answer,
)
from silkwire.model import ErrorClass, FetchOutcome


@pytest.fixture
def publisher():
    with Publisher() as server:
        yield server


def test_retry_after_binds_the_other_feeds_of_its_host_and_no_other_host(publisher):
    names = Names(default="127.0.0.1")
    publisher.add("/busy", answer(b"", 429, retry_after="77"))
    publisher.add("/ok", answer(FEED))
    urls = [
        publisher.url("/busy", "a.example"),
        publisher.url("/ok", "a.example"),
        publisher.url("/ok", "b.example"),
    ]
    feeds = [build_feed(url, key) for key, url in enumerate(urls)]
    exchanges = fetch_all(feeds, resolver=names, fetch_host_concurrency=1)
    results = {exchange.result.feed_key: exchange.result for exchange in exchanges}
    assert results[0].retry_after_s == 77
    assert results[1].error_class is ErrorClass.RATE_LIMITED
    assert results[1].retry_after_s == 77
    assert results[1].error.startswith("not requested: a.example asked for a pause")
    assert results[2].outcome is FetchOutcome.NEW
    assert sorted(publisher.paths()) == ["/busy", "/ok"]


def test_retry_after_of_a_platform_binds_only_the_feed_that_got_it(publisher):
    publisher.add("/busy", answer(b"", 429, retry_after="77"))
    publisher.add("/ok", answer(FEED))
    feeds = [
        build_feed(publisher.url("/busy", "rsshub.app")),
        build_feed(publisher.url("/ok", "rsshub.app"), 2),
    ]
    exchanges = fetch_all(feeds, resolver=Names(default="127.0.0.1"), fetch_host_concurrency=1)
    assert [exchange.result.error_class for exchange in exchanges] == [
        ErrorClass.RATE_LIMITED,
        None,
    ]


def test_host_gets_two_requests_at_once_and_a_pause_between(publisher):
    publisher.add("/feed", wait_and_answer(0.6))
    feeds = [build_feed(publisher.url(f"/feed?{key}", "a.example"), key) for key in range(6)]
    fetch_all(
        feeds,
        resolver=Names(default="127.0.0.1"),
        fetch_host_concurrency=2,
        fetch_host_pause=0.25,
    )
    assert publisher.most_at_once["a.example"] == 2
    times = [request.at for request in publisher.requests]
    assert min(after - before for before, after in itertools.pairwise(times)) > 0.1


def test_host_that_never_answers_does_not_hold_up_the_batch(publisher):
    publisher.add("/hang", hang())
    feeds = [build_feed(publisher.url(f"/hang?{key}"), key) for key in range(20)]
    began = time.monotonic()
    exchanges = fetch_all(feeds, fetch_host_concurrency=2, fetch_deadline=0.6, fetch_first_byte=0.3)
    assert time.monotonic() - began < SOON_S
    assert {exchange.result.error_class for exchange in exchanges} == {ErrorClass.TIMEOUT}
    assert len(publisher.requests) < 7
    assert len(exchanges) == 20


def test_host_that_answered_once_is_asked_for_every_feed(publisher):
    publisher.add("/hang", hang())
    publisher.add("/ok", answer(FEED))
    paths = ["/ok", *(f"/hang?{key}" for key in range(8))]
    feeds = [build_feed(publisher.url(path), key) for key, path in enumerate(paths)]
    fetch_all(feeds, fetch_host_concurrency=2, fetch_deadline=0.6)
    assert len(publisher.requests) == 9


def test_waiting_for_a_turn_does_not_count_against_the_deadline(publisher):
    publisher.add("/slow", wait_and_answer(0.4))
    feeds = [build_feed(publisher.url(f"/slow?{key}"), key) for key in range(4)]
    exchanges = fetch_all(feeds, fetch_host_concurrency=1, fetch_deadline=1.0)
    assert [exchange.result.outcome for exchange in exchanges] == [FetchOutcome.NEW] * 4


def test_many_feeds_that_redirect_between_two_hosts_do_not_lock_each_other_out(publisher):
    publisher.add("/feed", answer(FEED))
    for name, other in (("a", "b"), ("b", "a")):
        publisher.add(f"/{name}", redirect(publisher.url("/feed", f"{other}.example")))
    feeds = [
        build_feed(publisher.url(f"/{name}", f"{name}.example"), key)
        for key, name in enumerate("abababababab")
    ]
    exchanges = fetch_all(
        feeds,
        resolver=Names(default="127.0.0.1"),
        fetch_host_concurrency=1,
        fetch_concurrency=2,
    )
    assert [exchange.result.outcome for exchange in exchanges] == [FetchOutcome.NEW] * 12
