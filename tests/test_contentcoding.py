"""Content codings: what servers send under their names, and attacks that must fail."""

import contextlib
import gzip
import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from silkwire.contentcoding import (
    BodyDecoder,
    BodyTooLargeError,
    ContentCodingError,
    decode_body,
)

FEED = "<rss><channel><title>新闻</title></channel></rss>".encode()


def deflate_bare(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(data) + compressor.flush()


CODERS = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "GZIP": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
}


@pytest.mark.parametrize("coding", CODERS)
def test_every_coding_that_is_asked_for_is_removed(coding):
    assert decode_body(CODERS[coding](FEED), coding, max_bytes=1000) == FEED


def test_bare_deflate_is_read_under_the_name_of_deflate():
    assert decode_body(deflate_bare(FEED), "deflate", max_bytes=1000) == FEED


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(
    "body", [FEED, b"\xef\xbb\xbf" + FEED, b"\n\n {}", "<a/>".encode("utf-16")]
)
def test_plain_text_under_the_name_of_a_coding_passes(coding, body):
    assert decode_body(body, coding, max_bytes=1000) == body


@pytest.mark.parametrize("coding", [None, "", "identity", "UTF-8", "deflate", "zstd"])
def test_gzip_that_nobody_named_is_removed(coding):
    assert decode_body(gzip.compress(FEED), coding, max_bytes=1000) == FEED


@pytest.mark.parametrize("coding", [None, "gzip", "zstd"])
def test_zlib_under_another_name_is_removed(coding):
    assert decode_body(zlib.compress(FEED), coding, max_bytes=1000) == FEED


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_brotli_under_another_name_is_removed(coding):
    assert decode_body(brotli.compress(FEED), coding, max_bytes=1000) == FEED


@pytest.mark.parametrize("coding", ["gzip;q=1.0", '"gzip"', "text/xml", "sdch"])
@pytest.mark.parametrize("body", [FEED, gzip.compress(FEED, mtime=0), zstandard.compress(FEED)])
def test_what_the_bytes_say_needs_no_known_name(coding, body):
    assert decode_body(body, coding, max_bytes=1000) == FEED


def test_text_that_begins_like_zlib_is_text():
    assert decode_body(b"x^2", None, max_bytes=1000) == b"x^2"


def test_gzip_file_served_with_gzip_coding_is_removed_twice():
    twice = gzip.compress(gzip.compress(FEED))
    assert decode_body(twice, "gzip", max_bytes=1000) == FEED


def test_codings_are_removed_in_reverse_order_of_their_names():
    body = brotli.compress(gzip.compress(FEED))
    assert decode_body(body, "gzip, br", max_bytes=1000) == FEED


def test_gzip_of_two_members_is_one_body():
    assert decode_body(gzip.compress(b"<a>") + gzip.compress(b"</a>"), "gzip", max_bytes=99) == (
        b"<a></a>"
    )


def test_padding_after_gzip_is_ignored():
    assert decode_body(gzip.compress(FEED) + b"\0" * 512, "gzip", max_bytes=1000) == FEED


def test_empty_body_of_any_coding_is_empty():
    assert [decode_body(b"", coding, max_bytes=9) for coding in CODERS] == [b""] * 6


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_cut_body_is_an_error(coding):
    body = CODERS[coding](FEED * 50)
    with pytest.raises(ContentCodingError, match="ends too early"):
        decode_body(body[:-7], coding, max_bytes=9999)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_damaged_body_is_an_error(coding):
    body = bytearray(CODERS[coding](FEED * 50))
    body[12:20] = b"\xff" * 8
    with pytest.raises(ContentCodingError):
        decode_body(bytes(body), coding, max_bytes=9999)


def test_unknown_coding_and_too_many_codings_are_errors():
    with pytest.raises(ContentCodingError, match="'compress' is unknown"):
        decode_body(b"\x1f\x9d\x90\x3c\xe4", "compress", max_bytes=1000)
    with pytest.raises(ContentCodingError, match="4 content codings"):
        decode_body(FEED, "gzip,gzip,gzip,gzip", max_bytes=1000)


def build_zstd_bomb(block_count: int) -> bytes:
    """RLE blocks of 128 kB in four bytes each (RFC 8878 §3.1.1.2)."""
    head = b"\x28\xb5\x2f\xfd\x00\x38"
    block = (131_072 << 3 | 1 << 1).to_bytes(3, "little") + b"a"
    return head + block * block_count


BOMBS = {
    "gzip": gzip.compress(bytes(200_000_000)),
    "br": brotli.compress(bytes(200_000_000)),
    "zstd": build_zstd_bomb(5000),
    "gzip, gzip": gzip.compress(gzip.compress(bytes(200_000_000))),
}


@pytest.mark.parametrize("coding", BOMBS)
def test_bomb_ends_at_the_limit_and_takes_no_memory(coding):
    tracemalloc.start()
    try:
        with pytest.raises(BodyTooLargeError, match="more than 1,000,000 bytes"):
            for _ in BodyDecoder(coding, max_bytes=1_000_000).feed(BOMBS[coding]):
                pass
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_what_a_coding_decodes_to_is_bounded_even_if_the_next_one_drops_it():
    padded = gzip.compress(gzip.compress(FEED) + bytes(2_000_000))
    with pytest.raises(BodyTooLargeError):
        decode_body(gzip.compress(padded), "gzip, gzip, gzip", max_bytes=1_000_000)
    assert decode_body(gzip.compress(padded), "gzip, gzip, gzip", max_bytes=2_100_000) == FEED


def test_thousands_of_empty_zstd_frames_are_refused():
    frames = zstandard.compress(b"") * 20_000
    with pytest.raises(ContentCodingError, match="too many frames"):
        decode_body(gzip.compress(frames), "zstd, gzip", max_bytes=20_000_000)


def test_there_is_a_piece_to_stop_at_for_every_little_of_work_that_is_dropped():
    decoder = BodyDecoder("gzip, gzip", max_bytes=20_000_000)
    pieces = list(decoder.feed(gzip.compress(gzip.compress(FEED) + bytes(10_000_000))))
    assert b"".join(pieces) == FEED
    assert len(pieces) > 10_000_000 / 65_536


def test_thousands_of_empty_gzip_members_are_refused():
    with pytest.raises(ContentCodingError, match="too many members"):
        decode_body(gzip.compress(b"") * 20_000, "gzip", max_bytes=1000)


@given(st.binary(max_size=3000), st.sampled_from(sorted(CODERS)), st.integers(1, 64))
def test_any_cut_into_pieces_gives_the_same_bytes(data, coding, size):
    data = b"<" + data
    body = CODERS[coding](data)
    decoder = BodyDecoder(coding, max_bytes=10_000)
    pieces = [p for i in range(0, len(body), size) for p in decoder.feed(body[i : i + size])]
    assert b"".join([*pieces, *decoder.finish()]) == data


@given(st.binary(max_size=500), st.sampled_from(["gzip", "deflate", "br", "zstd", None]))
def test_arbitrary_bytes_decode_or_are_one_kind_of_error(data, coding):
    with contextlib.suppress(ContentCodingError):
        assert len(decode_body(data, coding, max_bytes=10_000)) <= 10_000
