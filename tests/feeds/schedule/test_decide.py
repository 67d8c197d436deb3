"""What a result means for its feed: health, validators, and when it is asked again."""

import re
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from helpers.feedstates import (
    DAY,
    HOUR,
    MINUTE,
    NOT_MODIFIED,
    NOW,
    URL,
    assert_about,
    decide,
    failed,
    feed,
    fetched,
    wait,
)
from helpers.places import ROOT
from silkwire.feeds.schedule.decide import decide_health, decide_updates
from silkwire.feeds.schedule.health import FeedState
from silkwire.feeds.schedule.intervals import Severity, judge_severity
from silkwire.model import DocumentReport, ErrorClass, FetchOutcome, FetchResult, Redirect


def test_a_success_heals_whatever_was_wrong() -> None:
    ill = feed(
        state="gone",
        failure_count=9,
        last_error_class="gone",
        last_error="410",
        suggested_feed_url="https://b.example/",
    )
    health = decide(ill, NOT_MODIFIED)
    assert (health.state, health.failure_count, health.suggested_feed_url) == ("healthy", 0, None)
    assert (health.last_error_class, health.last_error) == (None, None)
    assert health.last_success_at == NOW


# --- the interval


def test_nothing_new_lengthens_the_interval_by_a_tenth() -> None:
    health = decide(feed(), NOT_MODIFIED)
    assert health.poll_interval == HOUR * 1.1
    assert_about(wait(health), HOUR * 1.1)


def test_something_new_shortens_the_interval() -> None:
    assert decide(feed(), fetched(), item_count=30, new_count=1).poll_interval == HOUR * 0.7


def test_a_document_half_new_shortens_it_more_as_entries_may_have_been_missed() -> None:
    assert decide(feed(), fetched(), item_count=30, new_count=15).poll_interval == HOUR * 0.4


def test_the_first_document_teaches_nothing() -> None:
    first = feed(last_success_at=None)
    assert decide(first, fetched(), item_count=30, new_count=30).poll_interval == HOUR


@pytest.mark.parametrize(
    ("known", "new", "expected"), [(10 * MINUTE, 30, 10 * MINUTE), (DAY, 0, DAY)]
)
def test_the_interval_stays_between_ten_minutes_and_a_day(known, new, expected) -> None:
    health = decide(feed(poll_interval=known), fetched(), item_count=30, new_count=new)
    assert health.poll_interval == expected


def test_a_fixed_interval_is_kept_whatever_the_publisher_asks() -> None:
    urgent = feed(fixed=10 * MINUTE)
    health = decide(urgent, fetched(max_age_s=7200), item_count=9, new_count=0, ttl_s=7200)
    assert_about(wait(health), 10 * MINUTE)


@pytest.mark.parametrize(
    ("max_age_s", "expected"),
    [(7200, 2 * HOUR), (60, 1.1 * HOUR), (31_536_000, DAY), (10**30, DAY), (-5, 1.1 * HOUR)],
)
def test_max_age_is_obeyed_within_bounds(max_age_s: int, expected: timedelta) -> None:
    health = decide(feed(), fetched(FetchOutcome.NOT_MODIFIED, max_age_s=max_age_s))
    assert_about(wait(health), expected)
    assert health.poll_interval == 1.1 * HOUR


def test_ttl_is_obeyed_and_still_known_when_the_next_answer_is_a_304() -> None:
    first = decide(feed(), fetched(), item_count=9, new_count=1, ttl_s=4 * 3600)
    assert_about(wait(first), 4 * HOUR)
    assert decide(replace(feed(), health=first), NOT_MODIFIED).poll_interval == 4.4 * HOUR


def test_hours_to_skip_are_left_out_also_by_the_next_304() -> None:
    asked = {"item_count": 9, "skip_hours": (12, 13, 14)}
    first = decide(feed(next_due_at=NOW - HOUR), fetched(), **asked)
    due = first.next_due_at
    assert NOW + 3 * HOUR + 5 * MINUTE <= due < NOW + 4 * HOUR
    again = replace(NOT_MODIFIED, started_at=NOW + DAY)
    assert decide(replace(feed(), health=first), again).next_due_at.hour not in (12, 13, 14)


def test_days_to_skip_cost_a_day_at_most() -> None:
    assert NOW.isoweekday() == 7
    sunday = decide(feed(), fetched(), item_count=9, skip_days=(7,))
    assert 12 * HOUR <= wait(sunday) <= 13 * HOUR
    assert wait(decide(feed(), fetched(), item_count=9, skip_days=(7, 1))) == DAY
    assert wait(decide(feed(), fetched(), item_count=9, skip_days=tuple(range(1, 8)))) == DAY


def test_hours_to_skip_hold_for_failing_feeds_and_end_when_the_feed_drops_them() -> None:
    skipping = feed(skip_hours=(12, 13))
    assert wait(decide(skipping, failed(ErrorClass.TIMEOUT))) >= 2 * HOUR
    assert decide(skipping, fetched(), item_count=9).skip_hours == ()


def test_a_fixed_interval_knows_no_hours_to_skip() -> None:
    urgent = feed(fixed=10 * MINUTE)
    assert_about(wait(decide(urgent, fetched(), item_count=9, skip_hours=(12,))), 10 * MINUTE)


def test_feeds_that_skip_the_same_hours_do_not_come_in_a_crowd() -> None:
    dues = [
        decide(replace(feed(), feed_url=f"{URL}{n}"), fetched(), item_count=9, skip_hours=(12, 13))
        for n in range(550)
    ]
    minutes = Counter(health.next_due_at.minute for health in dues if health.next_due_at)
    assert set(minutes) <= set(range(5, 60))
    assert max(minutes.values()) < 30


def test_new_bytes_with_the_same_entries_are_churn_and_no_news() -> None:
    known = feed(entries_hash="aa")
    document = DocumentReport(1, NOW, item_count=9, entries_hash="aa")
    churn = decide_health(known, fetched(body_hash="b2"), document, NOW, new_count=3)
    assert churn.is_churn
    assert (churn.health.poll_interval, churn.health.last_new_entry_at) == (1.1 * HOUR, None)
    assert churn.health.body_hash == "b2"
    changed = replace(document, entries_hash="ab")
    news = decide_health(known, fetched(), changed, NOW, new_count=3)
    assert (news.is_churn, news.health.entries_hash) == (False, "ab")
    assert news.health.poll_interval == 0.7 * HOUR


def test_what_brought_no_body_is_no_churn() -> None:
    update = decide_health(feed(entries_hash="aa"), NOT_MODIFIED, None, NOW)
    assert (update.is_churn, update.health.entries_hash) == (False, "aa")


def test_a_slow_batch_does_not_shift_the_rhythm() -> None:
    late = feed(fixed=10 * MINUTE, next_due_at=NOW - 4 * MINUTE)
    assert 5 * MINUTE <= wait(decide(late, NOT_MODIFIED)) <= 7 * MINUTE


def test_an_early_fetch_counts_from_itself() -> None:
    assert_about(wait(decide(feed(next_due_at=NOW + DAY), NOT_MODIFIED)), 1.1 * HOUR)


def test_feeds_that_come_in_a_crowd_are_spread_over_their_interval() -> None:
    waits = [
        wait(decide(replace(feed(last_success_at=None), feed_url=f"{URL}{n}"), NOT_MODIFIED))
        for n in range(600)
    ]
    assert min(waits) >= 6 * MINUTE
    assert max(waits) <= 66 * MINUTE
    by_minute = Counter(wait // MINUTE for wait in waits)
    assert len(by_minute) > 50
    assert max(by_minute.values()) < 30


NAMES = [f"{URL}{n}" for n in range(200)]


def list_waits(state: FeedState, result: FetchResult, **facts) -> list[timedelta]:
    return [wait(decide(replace(state, feed_url=name), result, **facts)) for name in NAMES]


@pytest.mark.parametrize(
    ("interval", "asked", "least"),
    [
        (HOUR, 2 * HOUR, 0.9 * 2 * HOUR),
        (4 * HOUR, 2 * HOUR, 0.9 * 2 * HOUR),
        (HOUR, None, 0.1 * HOUR),
    ],
)
def test_a_crowd_is_spread_as_far_as_a_publishers_wish_allows(
    interval: timedelta, asked: timedelta | None, least: timedelta
) -> None:
    new = feed(last_success_at=None, poll_interval=interval)
    seconds = asked and int(asked.total_seconds())
    for waits in (
        list_waits(new, fetched(max_age_s=seconds), item_count=9),
        list_waits(new, fetched(), item_count=9, ttl_s=seconds),
    ):
        assert least <= min(waits) < 1.2 * least
        assert max(waits) <= 1.1 * max(interval, asked or interval)


def test_a_crowd_with_a_fixed_interval_is_spread_over_all_of_it() -> None:
    new = feed(fixed=HOUR, last_success_at=None)
    waits = list_waits(new, fetched(max_age_s=7200), item_count=9)
    assert 6 * MINUTE <= min(waits) < 10 * MINUTE
    assert 60 * MINUTE < max(waits) <= 66 * MINUTE


@pytest.mark.parametrize(
    ("interval", "late", "is_crowd"),
    [
        (HOUR, 30 * MINUTE, False),
        (HOUR, 31 * MINUTE, True),
        (6 * HOUR, 150 * MINUTE, False),
        (6 * HOUR, 180 * MINUTE, False),
        (6 * HOUR, 181 * MINUTE, True),
    ],
)
def test_a_feed_keeps_its_rhythm_unless_it_is_half_an_interval_late(
    interval: timedelta, late: timedelta, is_crowd: bool
) -> None:
    waits = list_waits(feed(fixed=interval, next_due_at=NOW - late), NOT_MODIFIED)
    if is_crowd:
        assert 0.1 * interval <= min(waits) < 0.15 * interval
    else:
        assert min(waits) == 0.9 * interval - late
        assert max(waits) == 1.1 * interval - late


def test_what_brought_something_new_is_remembered_with_its_time() -> None:
    before = NOW - DAY
    known = feed(last_new_entry_at=before)
    assert decide(known, fetched(), item_count=9, new_count=1).last_new_entry_at == NOW
    assert decide(known, fetched(), item_count=9, new_count=0).last_new_entry_at == before
    assert decide(known, NOT_MODIFIED).last_new_entry_at == before
    assert decide_health(known, NOT_MODIFIED, None, NOW).feed_key == known.feed_key


# --- validators


def test_new_validators_replace_the_old_also_by_nothing() -> None:
    health = decide(feed(etag="old", last_modified="old"), fetched(etag="new", body_hash="aa"))
    assert (health.etag, health.last_modified, health.body_hash) == ("new", None, "aa")


def test_a_304_may_bring_new_validators_and_keeps_the_others() -> None:
    known = feed(etag="old", last_modified="old", body_hash="aa")
    health = decide(known, fetched(FetchOutcome.NOT_MODIFIED, etag="new"))
    assert (health.etag, health.last_modified, health.body_hash) == ("new", "old", "aa")


def test_the_longest_validators_are_kept() -> None:
    longest = "x" * 1000
    health = decide(feed(), fetched(etag=longest, last_modified=longest))
    assert (health.etag, health.last_modified) == (longest, longest)
    renewed = decide(feed(), fetched(FetchOutcome.NOT_MODIFIED, last_modified="new"))
    assert renewed.last_modified == "new"


@pytest.mark.parametrize("etag", ["\x00", "caf\udce9", "x" * 5000, ""])
def test_a_validator_that_cannot_go_back_as_it_came_is_dropped(etag: str) -> None:
    assert decide(feed(etag="old"), fetched(etag=etag)).etag is None


def test_a_body_that_is_no_feed_moves_no_validator_and_counts_as_failure() -> None:
    known = feed(etag="old", body_hash="aa")
    health = decide(
        known,
        fetched(etag="new", body_hash="bb"),
        error_class=ErrorClass.HTML,
        error="a page",
        suggested_feed_url="https://a.example/feed",
    )
    assert (health.etag, health.body_hash) == ("old", "aa")
    assert (health.state, health.last_error_class, health.last_error) == (
        "failing",
        "html",
        "a page",
    )
    assert health.suggested_feed_url == "https://a.example/feed"


def test_flags_of_identity_only_ever_turn_on() -> None:
    health = decide(feed(is_urls_repeat=True), fetched(), is_guids_repeat=True)
    assert (health.is_urls_repeat, health.is_guids_repeat) == (True, True)


# --- failures


@pytest.mark.parametrize(
    ("error_class", "count", "expected"),
    [
        (ErrorClass.TIMEOUT, 0, 10 * MINUTE),
        (ErrorClass.TIMEOUT, 1, 20 * MINUTE),
        (ErrorClass.SERVER_ERROR, 3, 80 * MINUTE),
        (ErrorClass.SERVER_ERROR, 10_000, 12 * HOUR),
        (ErrorClass.CLIENT_ERROR, 0, HOUR),
        (ErrorClass.CLIENT_ERROR, 3, 8 * HOUR),
        (ErrorClass.NOT_A_FEED, 10_000, DAY),
        (ErrorClass.GONE, 0, DAY),
        (ErrorClass.GONE, 10_000, 7 * DAY),
    ],
)
def test_failures_back_off_by_class_and_are_never_the_end(error_class, count, expected) -> None:
    health = decide(feed(failure_count=count), failed(error_class))
    assert_about(wait(health), expected)
    assert health.failure_count == count + 1
    assert health.last_error == "it broke"


def test_the_table_of_operations_names_each_class_where_it_belongs() -> None:
    table = (ROOT / "docs" / "operations.md").read_text("utf-8")
    (row,) = [line for line in table.splitlines() if line.startswith("| failing | the last fetch")]
    _, soft, hard = re.split(r"\*soft\*|\*hard\*", row)
    named = {
        Severity.SOFT: set(re.findall(r"`(\w+)`", soft)),
        Severity.HARD: set(re.findall(r"`([a-z_]+)`", hard.partition(")")[0])),
        Severity.GONE: {"gone"},
    }
    for error_class in ErrorClass:
        severity = judge_severity(error_class)
        assert [s for s in named if error_class.value in named[s]] == [severity], error_class
    assert "10 min to 12 h" in soft
    assert "1 h to 1 day" in hard


def test_410_makes_a_feed_gone_and_another_failure_leaves_it_so() -> None:
    gone = decide(feed(), failed(ErrorClass.GONE))
    assert gone.state == "gone"
    again = decide(replace(feed(), health=gone), failed(ErrorClass.TIMEOUT))
    assert again.state == "gone"
    assert_about(wait(again), 2 * DAY)


@pytest.mark.parametrize(
    ("retry_after_s", "shortest", "longest"),
    [
        (3600, HOUR + 5 * MINUTE, 1.1 * HOUR + 5 * MINUTE),
        (10**12, DAY + 5 * MINUTE, 1.1 * DAY + 5 * MINUTE),
        (0, 9 * MINUTE, 11 * MINUTE),
        (-7, 9 * MINUTE, 11 * MINUTE),
    ],
)
def test_retry_after_is_never_undercut_and_ends_at_a_day(retry_after_s, shortest, longest) -> None:
    result = failed(ErrorClass.RATE_LIMITED, http_status=429, retry_after_s=retry_after_s)
    assert shortest <= wait(decide(feed(), result)) <= longest


def test_a_feed_that_was_not_asked_since_its_host_wants_a_pause_is_put_off_and_not_blamed() -> None:
    waiting = feed(etag="e", failure_count=0)
    unasked = failed(ErrorClass.RATE_LIMITED, http_status=None, retry_after_s=3600)
    health = decide(waiting, unasked)
    assert HOUR + 5 * MINUTE <= wait(health) <= 1.1 * HOUR + 5 * MINUTE
    assert replace(health, next_due_at=NOW) == waiting.health


def test_being_told_that_it_is_too_often_lengthens_the_interval() -> None:
    told = failed(ErrorClass.RATE_LIMITED, http_status=429)
    assert decide(feed(), told).poll_interval == 1.5 * HOUR
    assert decide(feed(), failed(ErrorClass.SERVER_ERROR)).poll_interval == HOUR


def test_what_a_feed_says_of_its_error_can_be_stored() -> None:
    result = replace(failed(ErrorClass.PROTOCOL), error="bad \udce9\x00 header " + "x" * 900)
    error = decide(feed(), result).last_error
    assert error is not None
    assert error.startswith("bad ?� header")
    assert len(error) == 500


def test_the_same_input_gives_the_same_decision() -> None:
    assert decide(feed(), NOT_MODIFIED) == decide(feed(), NOT_MODIFIED)


# --- a batch


def test_each_feed_of_a_batch_is_decided_on_by_its_own_facts() -> None:
    later = NOW + 7 * MINUTE
    states = {key: replace(feed(), feed_key=key, feed_url=f"{URL}{key}") for key in (1, 2, 3)}
    facts = {
        2: DocumentReport(2, NOW, item_count=9),
        3: DocumentReport(3, NOW, item_count=9),
    }
    new_counts = {2: 1, 3: 9}
    moving = replace(states[1].health, moved_to_url="https://b.example/", moved_count=2)
    states[1] = replace(states[1], health=moving)
    hop = (Redirect(301, "https://b.example/"),)
    results = [
        replace(fetched(redirects=hop if key == 1 else ()), feed_key=key) for key in (1, 2, 3, 4)
    ]
    updates = decide_updates(states, results, facts, new_counts, later)
    assert updates == tuple(
        decide_health(
            states[key], results[key - 1], facts.get(key), later, new_count=new_counts.get(key, 0)
        )
        for key in (1, 2, 3)
    )
    intervals = [update.health.poll_interval for update in updates]
    assert intervals == [1.1 * HOUR, 0.7 * HOUR, 0.4 * HOUR]
    assert updates[0].health.redirect_history[-1].at == later


def test_a_failure_without_words_is_named_by_its_class() -> None:
    wordless = replace(failed(ErrorClass.TIMEOUT), error=None)
    assert decide(feed(), wordless).last_error == "timeout"
    unnamed = decide(feed(), replace(wordless, error_class=None))
    assert (unnamed.last_error_class, unnamed.last_error) == ("protocol", "protocol")


def test_feeds_that_fail_together_are_not_asked_again_together() -> None:
    waits = [
        wait(decide(replace(feed(), feed_url=f"{URL}{n}"), failed(ErrorClass.CLIENT_ERROR)))
        for n in range(200)
    ]
    assert min(waits) == 0.9 * HOUR
    assert max(waits) == 1.1 * HOUR
    assert len(set(waits)) > 20


# --- a host that wants a pause

TOO_OFTEN = replace(
    failed(ErrorClass.RATE_LIMITED, http_status=429, retry_after_s=3600), fetch_ms=60_000
)


def test_a_pause_of_a_host_begins_when_its_answer_came_and_allows_for_an_early_lease() -> None:
    update = decide_health(feed(), TOO_OFTEN, None, NOW)
    assert (update.feed_key, update.quiet_until) == (1, NOW + MINUTE + HOUR + 5 * MINUTE)
    assert (update.health.next_due_at or NOW) >= NOW + MINUTE + HOUR + 5 * MINUTE


@pytest.mark.parametrize(
    ("retry_after_s", "pause"),
    [
        (None, None),
        (0, None),
        (-7, None),
        (1, timedelta(seconds=1)),
        (86_400, DAY),
        (10**12, DAY),
    ],
)
def test_a_pause_lasts_a_day_at_most_and_is_none_without_a_wish(
    retry_after_s: int | None, pause: timedelta | None
) -> None:
    result = replace(TOO_OFTEN, fetch_ms=0, retry_after_s=retry_after_s)
    expected = None if pause is None else NOW + pause + 5 * MINUTE
    assert decide_health(feed(), result, None, NOW).quiet_until == expected


def test_after_a_pause_feeds_of_one_host_come_back_one_by_one_and_never_before_its_end() -> None:
    def find_waits(result: FetchResult) -> list[timedelta]:
        feeds = [replace(feed(), feed_url=f"{URL}{n}") for n in range(50)]
        return [wait(decide(one, result)) for one in feeds]

    waits = find_waits(replace(TOO_OFTEN, fetch_ms=0))
    assert HOUR + 5 * MINUTE <= min(waits) < max(waits) <= 1.1 * HOUR + 5 * MINUTE
    assert len(set(waits)) == 50
    later = replace(TOO_OFTEN, fetch_ms=0, started_at=NOW + MINUTE)
    assert [one - MINUTE for one in find_waits(later)] != waits


def test_a_short_pause_does_not_shorten_what_failures_have_made_long() -> None:
    ailing = feed(failure_count=6)
    assert wait(decide(ailing, replace(TOO_OFTEN, retry_after_s=60))) > 9 * HOUR


def test_a_feed_that_was_not_asked_is_put_off_even_without_a_wish() -> None:
    def put_off(number: int, after: timedelta = timedelta()) -> timedelta:
        state = replace(feed(etag="e"), feed_url=f"{URL}{number}")
        unasked = replace(TOO_OFTEN, http_status=None, retry_after_s=None, started_at=NOW + after)
        update = decide_health(state, unasked, None, NOW)
        assert (update.feed_key, update.quiet_until) == (1, None)
        return wait(update.health) - after

    waits = [put_off(number) for number in range(50)]
    assert 9 * MINUTE <= min(waits) < max(waits) <= 11 * MINUTE
    assert len(set(waits)) == 50
    assert put_off(0, after=MINUTE) != waits[0]
