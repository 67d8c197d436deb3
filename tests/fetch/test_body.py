"""A hostile server costs one deadline at most: bombs, slow or cut bodies, bad HTTP, bad TLS."""

import gzip
import socket
import time
import zlib

import brotli
import pytest
import zstandard

from helpers.attacking import SERVER, fetch, fetch_all, fetch_error, publisher
from helpers.patience import SOON_S
from helpers.publisher import (
    FEED,
    Names,
    Publisher,
    answer,
    hang,
    redirect,
    repeat_for_ever,
    write_raw,
)
from silkwire.model import ErrorClass, FetchOutcome

__all__ = ["publisher"]  # the fixture

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


def test_gigabytes_in_stacked_codings_cost_the_feeds_beside_them_nothing(publisher):
    bomb = publisher.add("/bomb", answer(pad_stacked(4_000), content_encoding="gzip, gzip, gzip"))
    good = [publisher.add(f"/{n}", answer(FEED)) for n in range(10)]
    exchanges = fetch_all([bomb, *good])
    assert exchanges[bomb].result.error_class is ErrorClass.BODY_TOO_LARGE
    assert {exchanges[url].result.outcome for url in good} == {FetchOutcome.NEW}


def pad_stacked(megabytes):
    """A feed in gzip with zeros behind it, in gzip twice: some 20 kB."""
    compressor = zlib.compressobj(wbits=zlib.MAX_WBITS | 16)
    start = compressor.compress(gzip.compress(FEED)) + compressor.flush(zlib.Z_FULL_FLUSH)
    compressor.compress(bytes(1_000_000))
    compressor.flush(zlib.Z_FULL_FLUSH)
    block = compressor.compress(bytes(1_000_000)) + compressor.flush(zlib.Z_FULL_FLUSH)
    return gzip.compress(start + block * megabytes)


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
    assert time.monotonic() - began < SOON_S


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
    assert time.monotonic() - began < SOON_S


def test_response_has_a_shorter_time_to_begin_than_to_end(publisher):
    began = time.monotonic()
    url = publisher.add("/feed", hang())
    assert fetch_error(url, fetch_first_byte=0.3, fetch_deadline=20) is ErrorClass.TIMEOUT
    assert time.monotonic() - began < SOON_S


def test_redirects_share_one_deadline(publisher):
    async def slow_redirect(request, writer):
        import asyncio

        await asyncio.sleep(0.8)
        await redirect("/a")(request, writer)

    assert fetch_error(publisher.add("/a", slow_redirect), fetch_deadline=2) is ErrorClass.TIMEOUT
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
        assert time.monotonic() - began < SOON_S


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
