"""When a feed is asked again, played against whole batches: paused, moved, gone, failing, due."""

from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from sqlalchemy import text

from helpers.desk import DAY, FIRST, HOUR, MINUTE, SECOND, START, Desk, rss
from helpers.publisher import answer, redirect, write_raw
from silkwire.pipeline import Context

# --- a host asks to wait

AS_DATE = format_datetime(START + 10 * MINUTE + 2 * HOUR, usegmt=True)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("value", "least"), [("7200", 2 * HOUR), (AS_DATE, 2 * HOUR), ("31536000", DAY)]
)
def test_retry_after_holds_back_the_whole_host_and_a_day_at_most(
    desk: Desk, status: int, value: str, least: timedelta
) -> None:
    urgent = desk.list_feed("/urgent", attributes="poll='10m'")
    neighbour, stranger = desk.list_feed("/calm"), desk.list_feed("/calm", host="127.0.0.2")
    for path in ("/urgent", "/calm"):
        desk.publisher.add(path, answer(rss(FIRST)))
    desk.run()
    with desk.ctx.engine.begin() as conn:  # the others would be due before the pause is over
        later = text("UPDATE ops.feed SET next_due_at = :at WHERE feed_url <> :urgent")
        conn.execute(later, {"at": START + 40 * MINUTE, "urgent": urgent})
    desk.publisher.add("/urgent", answer(b"", status, retry_after=value))
    assert desk.run(after=10 * MINUTE, is_all=False).feeds.failed == 1
    assert desk.publisher.paths()[-1] == "/urgent"
    assert least + 5 * MINUTE <= desk.wait(urgent) <= 1.1 * least + 6 * MINUTE
    assert least + 5 * MINUTE <= desk.wait(neighbour) <= least + 15 * MINUTE
    assert desk.wait(stranger) == 30 * MINUTE
    assert (desk.feed(urgent).state, desk.feed(neighbour).state) == ("failing", "healthy")


def test_feeds_of_a_host_that_wants_a_pause_are_not_asked_and_not_blamed(desk: Desk) -> None:
    urls = [desk.list_feed(f"/{n}") for n in range(9)]
    for n in range(9):
        desk.publisher.add(f"/{n}", answer(b"", 429, retry_after="3600"))
    assert desk.run().feeds.failed == 9
    assert len(desk.publisher.requests) <= 2
    assert sum(desk.feed(url).failure_count for url in urls) == len(desk.publisher.requests)
    assert min(desk.wait(url) for url in urls) > HOUR


# --- feeds that move, vanish and come back


@pytest.mark.parametrize("status", [301, 308])
def test_a_permanent_redirect_is_adopted_at_the_third_sighting_and_reported(
    desk: Desk, status: int
) -> None:
    url = desk.list_feed("/old")
    desk.publisher.add("/old", redirect("/new", status))
    new = desk.publisher.url("/new", "127.0.0.1")
    desk.publisher.add("/new", answer(rss(FIRST), etag='"1"'))
    for sightings in range(3):
        assert (desk.feed(url).fetch_url if sightings else url) == url
        desk.run(after=HOUR)
    assert desk.feed(url).fetch_url == new
    (move,) = desk.feed(url).redirect_history
    assert (move["from_url"], move["to_url"]) == (url, new)
    with desk.ctx.engine.begin() as conn:
        assert conn.execute(text("SELECT moved_to_url FROM mart.feed_health")).scalar() == new
    asked = len(desk.publisher.requests)
    desk.run(after=HOUR)
    assert desk.publisher.paths()[asked:] == ["/new"]


@pytest.mark.parametrize("status", [302, 303, 307])
def test_a_temporary_redirect_is_followed_and_forgotten(desk: Desk, status: int) -> None:
    url = desk.list_feed("/old")
    desk.publisher.add("/old", redirect("/new", status))
    desk.publisher.add("/new", answer(rss(FIRST), etag='"1"'))
    for _ in range(4):
        desk.run(after=HOUR)
    assert (desk.feed(url).fetch_url, desk.feed(url).moved_count) == (url, 0)


def test_410_is_gone_and_still_asked_after_days_until_the_feed_comes_back(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(b"", 410))
    waits = []
    for _ in range(5):
        desk.run(after=8 * DAY, is_all=False)
        assert desk.feed(url).state == "gone"
        waits.append(desk.wait(url))
    for wait, days in zip(waits, (1, 2, 4, 7, 7), strict=True):
        assert 0.9 * days * DAY <= wait <= 1.1 * days * DAY
    desk.publisher.add("/feed", answer(rss(FIRST)))
    assert desk.run(after=8 * DAY, is_all=False).feeds.new == 1
    assert (desk.feed(url).state, desk.feed(url).failure_count) == ("healthy", 0)


@pytest.mark.parametrize(("status", "first_wait"), [(404, HOUR), (500, 10 * MINUTE)])
def test_a_feed_that_fails_is_asked_ever_less_and_recovers_by_itself(
    desk: Desk, status: int, first_wait: timedelta
) -> None:
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(b"", status))
    waits = []
    for _ in range(3):
        desk.run(after=DAY, is_all=False)
        waits.append(desk.wait(url))
    assert desk.feed(url).state == "failing"
    for wait, expected in zip(waits, (first_wait, 2 * first_wait, 4 * first_wait), strict=True):
        assert 0.9 * expected <= wait <= 1.1 * expected
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run(after=DAY, is_all=False)
    assert (desk.feed(url).state, desk.feed(url).last_error) == ("healthy", None)
    assert desk.titles() == [FIRST]


# --- our own network, the rhythm, fairness


def test_when_all_hosts_fail_at_once_no_failure_is_recorded(desk: Desk) -> None:
    urls = [desk.list_feed("/feed", host=f"127.0.0.{n}") for n in range(1, 5)]
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run()
    healthy = [desk.feed(url) for url in urls]
    desk.publisher.add("/feed", write_raw())
    assert desk.run(after=HOUR).feeds.failed == 4
    for url, before in zip(urls, healthy, strict=True):
        assert (desk.feed(url).state, desk.feed(url).failure_count) == ("healthy", 0)
        assert desk.feed(url).poll_interval == before.poll_interval
        assert 9 * MINUTE <= desk.wait(url) <= 11 * MINUTE
    with desk.ctx.engine.begin() as conn:
        failed = text("SELECT count(*) FROM ops.fetch WHERE outcome = 'failed'")
        assert conn.execute(failed).scalar() == 4


def test_one_host_that_fails_while_others_answer_is_recorded(desk: Desk) -> None:
    urls = [desk.list_feed(f"/{n}", host=f"127.0.0.{n}") for n in range(1, 5)]
    for n in range(1, 5):
        desk.publisher.add(f"/{n}", answer(rss(FIRST)))
    desk.run()
    desk.publisher.add("/1", write_raw())
    desk.run(after=HOUR)
    assert [desk.feed(url).failure_count for url in urls] == [1, 0, 0, 0]


SY = "xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'"
WISHES: dict[str, tuple[dict[str, Any], str, timedelta]] = {
    "max-age": ({"cache_control": "max-age=7200"}, "", 2 * HOUR),
    "max-age of a year": ({"cache_control": "max-age=31536000"}, "", DAY),
    "max-age of a second": ({"cache_control": "max-age=1"}, "", HOUR),
    "Expires": (
        {
            "date": format_datetime(START, usegmt=True),
            "expires": format_datetime(START + 3 * HOUR, usegmt=True),
        },
        "",
        3 * HOUR,
    ),
    "ttl": ({}, "<ttl>240</ttl>", 4 * HOUR),
    "sy": (
        {},
        f"<sy:updatePeriod {SY}>daily</sy:updatePeriod>"
        f"<sy:updateFrequency {SY}>4</sy:updateFrequency>",
        6 * HOUR,
    ),
}


@pytest.mark.parametrize("wish", WISHES)
def test_what_a_publisher_asks_for_is_obeyed_within_bounds(desk: Desk, wish: str) -> None:
    headers, extra, expected = WISHES[wish]
    url = desk.list_feed("/feed")
    desk.publisher.add("/feed", answer(rss(FIRST, extra=extra), **headers))
    desk.run()
    if expected > HOUR:  # at once, although feeds that are new take any place within their interval
        assert 0.9 * expected <= desk.wait(url) <= 1.1 * expected
    desk.run(after=desk.wait(url))
    assert 0.9 * expected <= desk.wait(url) <= 1.1 * 1.1 * expected


def test_hours_to_skip_are_skipped(desk: Desk) -> None:
    url = desk.list_feed("/feed")
    hours = "".join(f"<hour>{hour}</hour>" for hour in range(10, 16))
    desk.publisher.add("/feed", answer(rss(FIRST, extra=f"<skipHours>{hours}</skipHours>")))
    desk.run()
    assert START.replace(hour=16, minute=5) <= desk.feed(url).next_due_at < START + 7 * HOUR


def test_feeds_that_were_read_together_are_not_due_together(desk: Desk) -> None:
    urls = [desk.list_feed(f"/feed?{n}") for n in range(60)]
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.run()
    minutes = [desk.feed(url).next_due_at.replace(second=0, microsecond=0) for url in urls]
    assert len(set(minutes)) > 30
    assert max(map(minutes.count, minutes)) < 8


def test_a_host_with_many_feeds_gets_two_at_once_with_a_pause_and_holds_up_nobody(
    desk: Desk,
) -> None:
    settings = desk.ctx.settings.model_copy(update={"fetch_host_pause": 0.1})
    desk.ctx = Context(settings, desk.ctx.engine, desk.ctx.now)
    for n in range(12):
        desk.list_feed(f"/feed?{n}")
    desk.list_feed("/other", host="127.0.0.2")
    desk.publisher.add("/feed", answer(rss(FIRST)))
    desk.publisher.add("/other", answer(rss(SECOND)))
    assert desk.run().feeds.new == 13
    assert max(desk.publisher.most_at_once.values()) <= 2
    assert desk.publisher.paths().index("/other") < 5
    times = [r.at for r in desk.publisher.requests if r.path != "/other"]
    assert times[-1] - times[0] > 1.0  # eleven pauses
