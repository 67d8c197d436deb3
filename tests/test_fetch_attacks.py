"""A hostile publisher gets nothing: each attack against a real server, with a canary."""

import gzip
import socket
import time
from datetime import UTC, datetime

import brotli
import pytest
import zstandard

from publisher import (
    FEED,
    Names,
    Publisher,
    answer,
    hang,
    redirect,
    repeat_for_ever,
    write_raw,
)
from silkwire.config import Settings
from silkwire.fetch import fetch_feeds
from silkwire.model import ErrorClass, FetchOutcome, PlannedFeed

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SERVER, CANARY = "127.0.0.1", "127.0.0.2"
EVERYWHERE = "::" if socket.has_dualstack_ipv6() else "0.0.0.0"


@pytest.fixture
def publisher():
    """At 127.0.0.1, the one address that these tests allow."""
    with Publisher(host=SERVER) as server:
        yield server


@pytest.fixture
def canary():
    """At 127.0.0.2, which is refused: nobody may ever connect to it."""
    with Publisher(host=CANARY, pages={"/feed": answer(FEED)}) as server:
        yield server
        assert server.count_strangers() == 0


def fetch(url, resolver=None, **settings):
    defaults = {
        "fetch_allow_private": f"{SERVER}/32",
        "fetch_deadline": 2,
        "fetch_max_bytes": 500_000,
        "fetch_host_pause": 0,
    }
    exchanges = []
    fetch_feeds(
        [PlannedFeed(1, url, url)],
        Settings(**{**defaults, **settings}),
        credentials={},
        on_exchange=exchanges.append,
        now=lambda: NOW,
        resolver=resolver,
    )
    (exchange,) = exchanges
    return exchange


def fetch_error(url, resolver=None, **settings):
    result = fetch(url, resolver, **settings).result
    assert result.outcome is FetchOutcome.FAILED
    assert result.error
    assert result.error.isprintable()
    return result.error_class


HIDDEN = [
    "127.0.0.2",
    "127.2",
    "2130706434",
    "0x7f.2",
    "0x7f000002",
    "0177.0.0.02",
    "[::ffff:127.0.0.2]",
    "[::ffff:7f00:2]",
    "[64:ff9b::7f00:2]",
    "[2002:7f00:2::]",
    "[::7f00:2]",
    "[::]",
    "[::1]",
    "0.0.0.0",
    "１２７.0.0.2",
    "user:word@127.0.0.2",
    "a.example@127.0.0.2",
]


@pytest.mark.parametrize("host", HIDDEN)
def test_refused_address_is_not_connected_to_in_any_notation(canary, host):
    assert fetch_error(canary.url("/feed", host)) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize("host", [*HIDDEN, "localhost.", "LOCALHOST"])
def test_redirect_to_a_refused_address_is_not_followed(publisher, canary, host):
    names = Names(localhost=[CANARY], **{"localhost.": [CANARY]})
    publisher.add("/feed", redirect(canary.url("/feed", host)))
    assert fetch_error(publisher.url("/feed"), names) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "2130706433", "0x7f.1"),
        *("localhost", "localhost.", "[::1]", "[::]", "0.0.0.0", "0", "127.1", "[::7f00:1]"),
    ],
)
def test_no_redirect_reaches_a_listener_on_every_address_of_this_machine(host):
    """The publisher is at the one address that is allowed; names are looked up by the system."""
    with Publisher(host=CANARY) as publisher, Publisher(host=EVERYWHERE) as canary:
        url = publisher.add("/feed", redirect(canary.url("/feed", host)))
        found = fetch_error(url, fetch_allow_private=f"{CANARY}/32")
        assert found is ErrorClass.REFUSED_ADDRESS
        assert publisher.paths() == ["/feed"]
        assert canary.count_strangers() == 0


def test_loopback_is_refused_by_default_also_for_names_of_the_system(publisher):
    publisher.add("/feed", answer(FEED))
    for host in ("127.0.0.1", "localhost", "localhost."):
        url = publisher.url("/feed", host)
        assert fetch_error(url, fetch_allow_private="") is ErrorClass.REFUSED_ADDRESS
    assert publisher.connection_count == 0


@pytest.mark.parametrize("address", [CANARY, f"::ffff:{CANARY}", "64:ff9b::7f00:2", "224.0.0.1"])
def test_name_with_a_refused_address_is_not_connected_to(canary, address):
    url = canary.url("/feed", "a.example")
    assert fetch_error(url, Names(default=address)) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize("addresses", [f"{CANARY} {SERVER}", f"{SERVER} {CANARY}"])
def test_of_a_name_with_several_addresses_only_the_allowed_are_connected_to(addresses):
    with Publisher(host=SERVER) as publisher:
        url = publisher.add("/feed", answer(FEED)).replace(SERVER, "a.example")
        with Publisher(host=CANARY, port=publisher.port) as canary:
            assert fetch(url, Names(default=addresses)).result.outcome is FetchOutcome.NEW
            assert canary.count_strangers() == 0


def test_address_that_was_checked_is_the_one_connected_to(publisher, canary):
    names = Names(rebound_example=[SERVER, CANARY])
    publisher.add("/feed", answer(FEED))
    url = publisher.url("/feed", "rebound.example")
    assert fetch(url, names).result.outcome is FetchOutcome.NEW
    assert names.asked == ["rebound.example"]


def test_name_that_is_public_first_and_private_at_the_next_fetch_is_refused(publisher):
    publisher.add("/feed", answer(FEED))
    url = publisher.url("/feed", "rebound.example")
    with Publisher(host=CANARY, port=publisher.port) as canary:
        names = Names(rebound_example=[SERVER, CANARY])
        assert fetch(url, names).result.outcome is FetchOutcome.NEW
        assert fetch_error(url, names) is ErrorClass.REFUSED_ADDRESS
        assert canary.count_strangers() == 0


def test_name_that_is_rebound_between_two_hops_is_refused(publisher, canary):
    names = Names(rebound_example=[SERVER, CANARY], other_example=[SERVER])
    back = publisher.url("/b", "rebound.example")
    publisher.add("/a", redirect(publisher.url("/b", "other.example")))
    publisher.add("/b", redirect(canary.url("/feed", "rebound.example")))
    assert fetch_error(back.replace("/b", "/a"), names) is ErrorClass.REFUSED_ADDRESS


@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1:70/", "data:,x", "http://[::"],
)
def test_redirect_to_another_scheme_is_refused(publisher, location):
    assert fetch_error(publisher.add("/a", redirect(location))) is ErrorClass.REFUSED_URL


BOMB = bytes(100_000_000)
BOMBS = {
    "gzip": gzip.compress(BOMB),
    "br": brotli.compress(BOMB),
    "zstd": zstandard.compress(BOMB),
    "gzip, gzip": gzip.compress(gzip.compress(BOMB)),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_bomb_is_too_large(publisher, coding):
    exchange = fetch(publisher.add("/feed", answer(BOMBS[coding], content_encoding=coding)))
    assert exchange.result.error_class is ErrorClass.BODY_TOO_LARGE
    assert exchange.result.error == "the body decodes to more than 500,000 bytes"
    assert exchange.truncated == "length"


def test_length_that_announces_too_much_is_believed(publisher):
    page = answer(FEED, content_length=str(10**12))
    exchange = fetch(publisher.add("/feed", page))
    assert exchange.result.error_class is ErrorClass.BODY_TOO_LARGE
    assert exchange.response_body == b""


def test_body_shorter_than_its_length_is_cut(publisher):
    exchange = fetch(publisher.add("/feed", answer(FEED, content_length="5000")))
    assert exchange.result.error_class is ErrorClass.PROTOCOL
    assert exchange.result.error == "127.0.0.1 sent a body that is cut or malformed"
    assert (exchange.response_body, exchange.truncated) == (FEED, "disconnect")


def test_body_longer_than_its_length_is_bad_http(publisher):
    error = fetch(publisher.add("/feed", answer(FEED, content_length="20"))).result.error
    assert error == "127.0.0.1 does not speak HTTP correctly (Bad status line)"


def test_large_body_that_comes_faster_than_it_is_read_is_whole(publisher):
    body = FEED + b" " * 15_000_000
    feeds = [publisher.add("/feed", answer(body)) + f"?{key}" for key in range(6)]
    lengths = [fetch(url, fetch_max_bytes=20_000_000, fetch_deadline=30) for url in feeds]
    assert {(e.result.outcome, e.result.body_bytes) for e in lengths} == {
        (FetchOutcome.NEW, len(body))
    }


def test_cut_gzip_is_bad_encoding(publisher):
    body = gzip.compress(FEED)[:-9]
    exchange = fetch(publisher.add("/feed", answer(body, content_encoding="gzip")))
    assert exchange.result.error_class is ErrorClass.BAD_ENCODING
    assert exchange.result.error == "the compressed body ends too early"
    assert exchange.response_body == body


def test_unknown_coding_is_bad_encoding_and_the_body_is_kept(publisher):
    packed = b"\x1f\x9d\x90\x3c\xe4"
    exchange = fetch(publisher.add("/feed", answer(packed, content_encoding="compress")))
    assert exchange.result.error_class is ErrorClass.BAD_ENCODING
    assert exchange.response_body == packed


OK = b"HTTP/1.1 200 OK\r\n"
SLOW = {
    "says nothing": hang(),
    "drips its head": repeat_for_ever(OK + b"X: ", b"a", 0.05),
    "drips headers": repeat_for_ever(OK, b"X: a\r\n", 0.05),
    "interim answers for ever": repeat_for_ever(b"", b"HTTP/1.1 103 Early Hints\r\n\r\n", 0.01),
    "drips its body": repeat_for_ever(OK + b"\r\n", b"a", 0.05),
    "drips chunks": repeat_for_ever(
        OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\na\r\n", 0.05
    ),
}


@pytest.mark.parametrize("way", SLOW)
def test_slow_server_ends_at_the_deadline(publisher, way):
    began = time.monotonic()
    error_class = fetch_error(publisher.add("/feed", SLOW[way]), fetch_deadline=0.7)
    assert error_class is ErrorClass.TIMEOUT
    assert time.monotonic() - began < 5


def test_dripped_body_is_kept_as_far_as_it_came(publisher):
    url = publisher.add("/feed", SLOW["drips its body"])
    exchange = fetch(url, fetch_deadline=0.7)
    assert exchange.truncated == "time"
    assert set(exchange.response_body) == set(b"a")


HEAD_429 = b"HTTP/1.1 429 Slow down\r\nRetry-After: 600\r\n"
UNFINISHED = {
    "drips": (repeat_for_ever(HEAD_429 + b"\r\n", b"a", 0.05), "time"),
    "hangs": (repeat_for_ever(HEAD_429 + b"Content-Length: 9\r\n\r\n", b"", 0.05), "time"),
    "is cut": (write_raw(HEAD_429 + b"Content-Length: 900\r\n\r\n", b"half"), "disconnect"),
    "is malformed": (
        write_raw(HEAD_429 + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n", pause_s=0.1),
        "disconnect",
    ),
}


@pytest.mark.parametrize("way", UNFINISHED)
def test_status_of_an_error_counts_though_its_page_never_ends(publisher, way):
    page, truncated = UNFINISHED[way]
    began = time.monotonic()
    exchange = fetch(publisher.add("/feed", page), fetch_deadline=20)
    assert exchange.result.error_class is ErrorClass.RATE_LIMITED
    assert (exchange.result.http_status, exchange.result.retry_after_s) == (429, 600)
    assert exchange.truncated == truncated
    assert time.monotonic() - began < 5


def test_answer_has_to_begin_sooner_than_to_end(publisher):
    began = time.monotonic()
    url = publisher.add("/feed", hang())
    assert fetch_error(url, fetch_first_byte=0.3, fetch_deadline=20) is ErrorClass.TIMEOUT
    assert time.monotonic() - began < 5


def test_redirects_share_one_deadline(publisher):
    async def slow_redirect(request, writer):
        import asyncio

        await asyncio.sleep(0.4)
        await redirect("/a")(request, writer)

    assert fetch_error(publisher.add("/a", slow_redirect), fetch_deadline=1) is ErrorClass.TIMEOUT
    assert len(publisher.requests) == 3


BAD = {
    "endless headers": repeat_for_ever(OK, b"X: a\r\n"),
    "endless header": repeat_for_ever(OK + b"X: ", b"a" * 1000),
    "endless status line": repeat_for_ever(b"HTTP/1.1 200 ", b"a" * 1000),
    "endless trailer": repeat_for_ever(
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", b"X: a\r\n"
    ),
    "endless stream without a head": repeat_for_ever(b"", b"\0" * 10_000),
    "no HTTP": write_raw(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "silence": write_raw(),
    "half a head": write_raw(OK + b"X: "),
    "bad chunk": write_raw(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\nabc\r\n"),
    "two lengths": write_raw(OK + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
    "length of letters": write_raw(OK + b"Content-Length: five\r\n\r\nabcde"),
    "switching": write_raw(b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
}


@pytest.mark.parametrize("way", BAD)
def test_bad_http_is_a_row_of_its_class(publisher, way):
    assert fetch_error(publisher.add("/feed", BAD[way])) is ErrorClass.PROTOCOL


def test_header_of_strange_bytes_harms_nothing(publisher):
    head = OK + b'ETag: "\xff\xfe"\r\nContent-Type: text/\xd0\xc2\r\nX-\x80: y\r\n\r\n'
    result = fetch(publisher.add("/feed", write_raw(head, FEED))).result
    assert (result.etag, result.content_type) == (None, None)


def test_reason_phrase_cannot_forge_log_lines(publisher):
    head = b"HTTP/1.1 500 No\x1b[31m\x0bINFO all is well \xff" + b"x" * 1000 + b"\r\n\r\n"
    result = fetch(publisher.add("/feed", write_raw(head))).result
    assert result.error.isprintable()
    assert len(result.error) <= 300


def test_tls_that_never_answers_ends_with_the_time_to_begin():
    with socket.create_server((SERVER, 0)) as silent:
        began = time.monotonic()
        url = f"https://{SERVER}:{silent.getsockname()[1]}/feed"
        assert fetch_error(url, fetch_first_byte=0.3, fetch_deadline=20) is ErrorClass.TIMEOUT
        assert time.monotonic() - began < 5


def test_bad_certificate_is_a_tls_failure():
    with Publisher(is_tls=True) as publisher:
        publisher.add("/feed", answer(FEED))
        assert fetch_error(publisher.url("/feed")) is ErrorClass.TLS
        assert publisher.requests == []


def test_closed_port_and_unknown_name_are_told_apart():
    with Publisher() as publisher:
        closed = publisher.url("/feed")
    assert fetch_error(closed) is ErrorClass.CONNECT
    assert fetch_error("http://no.example/feed", Names()) is ErrorClass.DNS
