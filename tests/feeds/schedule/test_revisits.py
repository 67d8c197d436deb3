"""A 304 or an unchanged body stands for the body that was asked about, and for no other."""

from dataclasses import replace

import pytest

from helpers.feedstates import NOT_MODIFIED, URL, feed, fetched
from silkwire.feeds.schedule.health import FeedState
from silkwire.feeds.schedule.revisits import keep_known_validators
from silkwire.model import FetchOutcome, FetchResult, PlannedFeed

ASKED = PlannedFeed(1, URL, URL, etag="e1", last_modified="m1", body_hash="b1")
REVISIT = replace(NOT_MODIFIED, etag="e2", last_modified="m2")


def keep(state: FeedState, result: FetchResult, asked: PlannedFeed | None = ASKED) -> FetchResult:
    (kept,) = keep_known_validators({1: state}, {1: asked} if asked else {}, [result])
    return kept


def test_a_revisit_of_the_body_that_the_feed_showed_last_stays_as_it_is() -> None:
    assert keep(feed(etag="e1", body_hash="b1"), REVISIT) == REVISIT


@pytest.mark.parametrize("result", [REVISIT, fetched(FetchOutcome.UNCHANGED_BODY, etag="e2")])
def test_a_body_that_was_rejected_meanwhile_stays_forgotten(result: FetchResult) -> None:
    kept = keep(feed(), replace(result, body_hash="b1"))
    assert (kept.etag, kept.last_modified, kept.body_hash) == (None, None, None)


def test_a_body_that_is_lost_does_not_take_the_place_of_the_one_before() -> None:
    kept = keep(feed(etag="e0", last_modified="m0", body_hash="b0"), REVISIT)
    assert (kept.etag, kept.last_modified, kept.body_hash) == ("e0", "m0", "b0")


def test_without_what_was_asked_nothing_is_known_of_the_body() -> None:
    assert keep(feed(), REVISIT, asked=None).etag is None


def test_a_new_body_brings_its_own_validators() -> None:
    assert keep(feed(), fetched(etag="e3", body_hash="b3")).etag == "e3"
