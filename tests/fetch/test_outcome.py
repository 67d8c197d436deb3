"""The outcome of each kind of response, from a real server on loopback with a fake resolver."""

import base64
import gzip
import os
import signal
import threading

import brotli
import pytest
import zstandard

from helpers.fetching import (
    FEED_HASH,
    NOW,
    build_feed,
    build_settings,
    fetch_all,
    fetch_failure,
    fetch_one,
)
from helpers.publisher import (
    FEED,
    Names,
    Publisher,
    answer,
    hang,
    redirect,
    repeat_for_ever,
    wait_and_answer,
    write_raw,
)
from silkwire.fetch import fetch_feeds
from silkwire.model import ErrorClass, FetchOutcome, Redirect


@pytest.fixture
def publisher():
    with Publisher() as server:
        yield server


def test_new_feed_is_new_with_all_that_is_known_of_it(publisher):
    url = publisher.add(
        "/feed",
        answer(FEED, etag='"v1"', last_modified="Mon, 23 Nov 2026 09:00:00 GMT",
               cache_control="max-age=600"),
    )  # fmt: skip
    exchange = fetch_one(url)
    result = exchange.result
    assert result.outcome is FetchOutcome.NEW
    assert (result.http_status, result.final_url, result.started_at) == (200, url, NOW)
    assert (result.etag, result.max_age_s) == ('"v1"', 600)
    assert result.last_modified == "Mon, 23 Nov 2026 09:00:00 GMT"
    assert (result.wire_bytes, result.body_bytes) == (len(FEED), len(FEED))
    assert result.body_hash == FEED_HASH
    assert (result.error_class, result.error, result.content_type) == (
        None,
        None,
        "application/rss+xml",
    )
    assert exchange.response_body == FEED
    assert exchange.response_head.startswith(b"HTTP/1.1 200 Reason\r\n")
    assert exchange.peer_address == "127.0.0.1"


def test_request_says_who_asks_and_what_is_understood(publisher):
    exchange = fetch_one(publisher.add("/feed?x=1", answer(FEED)), fetch_contact="mailto:a@b.c")
    (request,) = publisher.requests
    assert request.headers["user-agent"] == "silkwire/0.1.0 (+mailto:a@b.c)"
    assert request.headers["accept-encoding"] == "gzip, deflate, br, zstd"
    assert "if-none-match" not in request.headers
    assert "if-modified-since" not in request.headers
    sent = exchange.request_head.decode().splitlines()
    assert sent[0] == "GET /feed?x=1 HTTP/1.1"
    assert sent[1] == f"Host: 127.0.0.1:{publisher.port}"


def test_validators_are_sent_as_they_came_and_304_is_not_modified(publisher):
    feed = build_feed(
        publisher.add("/feed", answer(FEED, etag='W/"v1"')),
        etag='W/"v1"',
        last_modified="yesterday, as it were",
    )
    result = fetch_one("", feed=feed).result
    (request,) = publisher.requests
    assert request.headers["if-none-match"] == 'W/"v1"'
    assert request.headers["if-modified-since"] == "yesterday, as it were"
    assert (result.outcome, result.http_status) == (FetchOutcome.NOT_MODIFIED, 304)
    assert (result.etag, result.last_modified) == ('W/"v1"', "yesterday, as it were")


def test_304_renews_validators(publisher):
    url = publisher.add("/feed", answer(status=304, etag='"v2"', content_length=None))
    result = fetch_one("", feed=build_feed(url, etag='"v1"', last_modified="then")).result
    assert (result.outcome, result.etag) == (FetchOutcome.NOT_MODIFIED, '"v2"')
    assert result.last_modified == "then"


def test_304_to_a_request_without_validators_is_a_failure(publisher):
    url = publisher.add("/feed", answer(status=304, content_length=None))
    assert fetch_failure(url) == (ErrorClass.PROTOCOL, "the server answered 304 Reason")


def test_same_decoded_body_is_unchanged_however_it_is_packed(publisher):
    url = publisher.add("/feed", answer(gzip.compress(FEED), content_encoding="gzip"))
    exchange = fetch_one("", feed=build_feed(url, body_hash=FEED_HASH))
    assert exchange.result.outcome is FetchOutcome.UNCHANGED_BODY
    assert exchange.result.body_hash == FEED_HASH


@pytest.mark.parametrize(
    ("coding", "pack"),
    [("gzip", gzip.compress), ("br", brotli.compress), ("zstd", zstandard.compress)],
)
def test_packed_body_is_kept_as_received_and_measured_as_decoded(publisher, coding, pack):
    packed = pack(FEED)
    exchange = fetch_one(publisher.add("/feed", answer(packed, content_encoding=coding)))
    assert exchange.response_body == packed
    assert exchange.result.body_hash == FEED_HASH
    assert (exchange.result.wire_bytes, exchange.result.body_bytes) == (len(packed), len(FEED))


def test_gzip_said_of_plain_text_is_plain_text(publisher):
    result = fetch_one(publisher.add("/feed", answer(FEED, content_encoding="gzip"))).result
    assert (result.outcome, result.body_hash) == (FetchOutcome.NEW, FEED_HASH)


def test_chunked_body_is_archived_without_its_chunks(publisher):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(FEED), FEED)
    exchange = fetch_one(publisher.add("/feed", write_raw(head, chunks)))
    assert exchange.response_body == FEED
    assert b"\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n" in exchange.response_head
    assert exchange.result.outcome is FetchOutcome.NEW


def test_body_without_length_ends_with_the_connection(publisher):
    exchange = fetch_one(publisher.add("/feed", write_raw(b"HTTP/1.0 200 OK\r\n\r\n", FEED)))
    assert (exchange.result.outcome, exchange.response_body) == (FetchOutcome.NEW, FEED)


@pytest.mark.parametrize(
    ("status", "error_class"),
    [
        (204, ErrorClass.EMPTY_BODY),
        (206, ErrorClass.PROTOCOL),
        (300, ErrorClass.PROTOCOL),
        (401, ErrorClass.CLIENT_ERROR),
        (404, ErrorClass.CLIENT_ERROR),
        (410, ErrorClass.GONE),
        (429, ErrorClass.RATE_LIMITED),
        (500, ErrorClass.SERVER_ERROR),
        (503, ErrorClass.SERVER_ERROR),
        (999, ErrorClass.PROTOCOL),
    ],
)
def test_status_without_a_feed_is_a_failure_of_its_class(publisher, status, error_class):
    page = answer(b"" if status == 204 else b"<p>No</p>", status, content_length=None)
    exchange = fetch_one(publisher.add("/feed", page))
    result = exchange.result
    assert (result.outcome, result.http_status) == (FetchOutcome.FAILED, status)
    assert result.error_class is error_class
    assert result.body_hash is None


def test_error_page_is_kept_to_its_first_64_kilobytes(publisher):
    exchange = fetch_one(publisher.add("/feed", answer(b"x" * 100_000, 500)))
    assert (len(exchange.response_body), exchange.truncated) == (65_536, "length")
    assert exchange.result.error_class is ErrorClass.SERVER_ERROR


@pytest.mark.parametrize("body", [b"", b" \r\n\t", gzip.compress(b"\n", mtime=0)])
def test_blank_body_is_empty(publisher, body):
    assert fetch_failure(publisher.add("/feed", answer(body))) == (
        ErrorClass.EMPTY_BODY,
        "the body is empty",
    )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        ("99999999", 86_400),
        ("Mon, 23 Nov 2026 10:05:00 GMT", 300),
        ("Mon, 23 Nov 2020 10:05:00 GMT", 0),
        ("soon", None),
        ("-5", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_seconds_or_a_date_and_at_most_a_day(publisher, status, value, seconds):
    result = fetch_one(publisher.add("/feed", answer(b"", status, retry_after=value))).result
    assert result.retry_after_s == seconds


def test_redirects_are_followed_and_listed(publisher):
    publisher.add("/feed", answer(FEED))
    publisher.add("/b", redirect("feed?x=%7e#part", 308))
    result = fetch_one(publisher.add("/a", redirect("/b", 301))).result
    assert result.outcome is FetchOutcome.NEW
    assert result.redirects == (
        Redirect(301, publisher.url("/b")),
        Redirect(308, publisher.url("/feed?x=%7e")),
    )
    assert result.final_url == publisher.url("/feed?x=%7e")
    assert publisher.paths() == ["/a", "/b", "/feed?x=%7e"]


def test_redirect_loop_ends_after_five(publisher):
    error_class, _ = fetch_failure(publisher.add("/a", redirect("/a")))
    assert error_class is ErrorClass.TOO_MANY_REDIRECTS
    assert publisher.paths() == ["/a"] * 6


def test_redirect_without_location_is_a_failure(publisher):
    assert fetch_failure(publisher.add("/a", answer(status=302)))[0] is ErrorClass.PROTOCOL


def test_credentials_are_sent_and_appear_nowhere_else(publisher):
    credentials = "reader:s3cret/word"
    token = base64.b64encode(credentials.encode()).decode()

    async def echo(request, writer):
        head = f"HTTP/1.1 302 s3cret/word\r\nLocation: /feed?auth={token}&p=s3cret%2Fword\r\n\r\n"
        writer.write(head.encode())

    publisher.add("/a", echo)
    publisher.add("/feed", answer(FEED, 500, x_echo=f"{credentials} {token}"))
    exchange = fetch_one(publisher.url("/a"), credentials={1: credentials})
    assert [request.headers["authorization"] for request in publisher.requests] == [
        f"Basic {token}"
    ] * 2
    shown = repr(exchange)
    assert "s3cret" not in shown
    assert token not in shown
    assert exchange.result.error_class is ErrorClass.SERVER_ERROR


def test_credentials_in_the_url_are_used_and_not_shown(publisher):
    publisher.add("/feed", answer(FEED))
    exchange = fetch_one(publisher.url("/feed", host="reader:s3cret@127.0.0.1"))
    assert publisher.requests[0].headers["authorization"].startswith("Basic ")
    assert exchange.result.fetch_url == publisher.url("/feed")
    assert "s3cret" not in repr(exchange)


def test_credentials_do_not_follow_to_another_host_or_port(publisher):
    names = Names(a_example=["127.0.0.1"], b_example=["127.0.0.1"])
    with Publisher() as other:
        publisher.add("/a", redirect(publisher.url("/b", host="b.example")))
        publisher.add("/b", redirect(other.add("/c", answer(FEED))))
        url = publisher.url("/a", host="a.example")
        fetch_one(url, credentials={1: "reader:s3cret"}, resolver=names)
        asked = [*publisher.requests, *other.requests]
    assert [(r.path, "authorization" in r.headers) for r in asked] == [
        ("/a", True),
        ("/b", False),
        ("/c", False),
    ]


def test_proxies_of_the_environment_are_not_used_and_the_run_says_so(
    publisher, monkeypatch, caplog
):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch_one(publisher.add("/feed", answer(FEED))).result.outcome is FetchOutcome.NEW
    assert (
        "ALL_PROXY, HTTP_PROXY is not used: silkwire connects to publishers itself" in caplog.text
    )


def test_cookies_are_not_kept(publisher):
    publisher.add("/feed", answer(FEED))
    fetch_one(publisher.add("/a", answer(status=302, location="/feed", set_cookie="id=1; path=/")))
    assert [request.headers.get("cookie") for request in publisher.requests] == [None, None]


def test_every_feed_gives_one_exchange_in_the_callers_thread(publisher):
    publisher.add("/ok", answer(FEED))
    feeds = [build_feed(publisher.url(f"/{'ok' if key % 3 else 'gone'}"), key) for key in range(50)]
    threads, keys = set(), []

    def note(exchange):
        threads.add(threading.get_ident())
        keys.append(exchange.result.feed_key)

    fetch_feeds(feeds, build_settings(), credentials={}, on_exchange=note)
    assert sorted(keys) == list(range(50))
    assert threads == {threading.get_ident()}


def test_no_feeds_are_no_exchanges():
    assert fetch_all([]) == []


def test_error_of_ours_stops_the_run_and_is_raised(publisher):
    publisher.add("/ok", answer(FEED))
    publisher.add("/hang", hang())
    feeds = [build_feed(publisher.url("/ok")), build_feed(publisher.url("/hang"), 2)]

    def refuse(exchange):
        raise RuntimeError("the disk is full")

    with pytest.raises(RuntimeError, match="the disk is full"):
        fetch_feeds(feeds, build_settings(), credentials={}, on_exchange=refuse)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_finishes_what_is_under_way_and_begins_nothing(publisher, number):
    slow = build_feed(publisher.add("/slow", wait_and_answer(1.0)))
    waiting = build_feed(publisher.add("/next", answer(FEED)), 2)
    before = signal.getsignal(number)
    threading.Timer(0.4, os.kill, (os.getpid(), number)).start()
    exchanges = []
    with pytest.raises(KeyboardInterrupt):
        fetch_feeds(
            [slow, waiting],
            build_settings(fetch_concurrency=1),
            credentials={},
            on_exchange=exchanges.append,
        )
    assert [exchange.result.outcome for exchange in exchanges] == [FetchOutcome.NEW]
    assert publisher.paths() == ["/slow"]
    assert signal.getsignal(number) is before


def test_endless_body_ends_at_the_limit(publisher):
    start = b"HTTP/1.1 200 OK\r\n\r\n"
    exchange = fetch_one(
        publisher.add("/feed", repeat_for_ever(start, b"x" * 50_000)), fetch_max_bytes=1_000_000
    )
    assert exchange.result.error_class is ErrorClass.BODY_TOO_LARGE
    assert (len(exchange.response_body), exchange.truncated) == (1_000_000, "length")
