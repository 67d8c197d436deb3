"""An outage of our own network is distinguished from feeds that fail."""

from dataclasses import replace

import pytest

from helpers.feedstates import DAY, MINUTE, NOT_MODIFIED, NOW, URL, assert_about, failed, feed, wait
from silkwire.feeds.schedule.decide import decide_updates
from silkwire.feeds.schedule.health import FeedState
from silkwire.feeds.schedule.outage import decide_outage
from silkwire.model import ErrorClass


def results_of(down: int, up: int, error_class: ErrorClass = ErrorClass.CONNECT):
    results = []
    for n in range(down + up):
        url = f"https://h{n}.example/"
        result = failed(error_class) if n < down else NOT_MODIFIED
        results.append(replace(result, feed_key=n, feed_url=url, fetch_url=url))
    return results


@pytest.mark.parametrize(
    ("down", "up", "is_outage"),
    [
        (10, 0, True),
        (3, 0, True),
        (2, 0, False),
        (95, 5, True),
        (9, 1, True),
        (80, 20, False),
        (8, 1, False),
    ],
)
def test_it_is_our_outage_when_nearly_all_of_several_hosts_fail_at_once(
    down, up, is_outage
) -> None:
    assert decide_outage(results_of(down, up)) is is_outage


def test_servers_that_answer_with_errors_are_no_outage_of_ours() -> None:
    assert not decide_outage(results_of(100, 0, ErrorClass.SERVER_ERROR))


def test_one_host_with_many_feeds_is_no_outage() -> None:
    assert not decide_outage([replace(r, fetch_url=URL) for r in results_of(100, 0)])


def test_a_host_that_answered_one_of_its_feeds_is_reached() -> None:
    results = results_of(9, 1)
    assert decide_outage(results)
    last = replace(results[0], fetch_url=results[-1].fetch_url)
    assert decide_outage([*results, last])
    assert decide_outage([last, *results])
    assert not decide_outage([*results[:8], *results[9:], last])


def states_of(count: int, **health) -> dict[int, FeedState]:
    return {n: replace(feed(**health), feed_key=n) for n in range(count)}


def test_an_outage_is_not_blamed_on_the_feeds() -> None:
    states = states_of(20, etag="e")
    states[3] = replace(feed(failure_count=2, state="failing"), feed_key=3)
    updates = decide_updates(states, results_of(20, 0), {}, {}, NOW)
    assert len(updates) == 20
    for update in updates:
        before = states[update.feed_key].health
        assert replace(update.health, next_due_at=NOW, last_fetched_at=None) == before
        assert update.health.last_fetched_at == NOW
        assert_about(wait(update.health), 10 * MINUTE)


def test_after_an_outage_feeds_are_not_all_asked_in_the_same_moment() -> None:
    states = {n: replace(one, feed_url=f"{URL}{n}") for n, one in states_of(20).items()}
    waits = [wait(u.health) for u in decide_updates(states, results_of(20, 0), {}, {}, NOW)]
    assert len(set(waits)) == 20
    later = [replace(result, started_at=NOW + MINUTE) for result in results_of(20, 0)]
    assert [wait(u.health) - MINUTE for u in decide_updates(states, later, {}, {}, NOW)] != waits


def test_a_feed_that_was_well_three_days_ago_still_speaks_of_an_outage() -> None:
    updates = decide_updates(
        states_of(20, last_success_at=NOW - 3 * DAY), results_of(20, 0), {}, {}, NOW
    )
    assert {update.health.state for update in updates} == {"healthy"}


@pytest.mark.parametrize(
    "health",
    [{"failure_count": 1}, {"last_success_at": None}, {"last_success_at": NOW - 4 * DAY}],
)
def test_feeds_that_were_ill_already_do_not_excuse_one_another(health) -> None:
    updates = decide_updates(states_of(20, **health), results_of(20, 0), {}, {}, NOW)
    assert {update.health.state for update in updates} == {"failing"}
