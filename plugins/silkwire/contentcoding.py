"""Remove HTTP content codings (RFC 9110 §8.4) piece by piece, up to a limit of decoded bytes.

The limit holds for what each coding decodes to, not only for the body: a small body in several
codings can hold gigabytes that the last decoder would drop as padding.

The first bytes of the body overrule the header: servers compress without being asked, send gzip
files from their disks, label plain text as gzip, and label gzip by unknown names.
"""

import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Protocol

import brotli
import zstandard

MAX_CODINGS = 3
"""The maximum number of codings on one body; no honest server applies more."""
_PIECE = 65_536
_ZSTD_SLICE = 128
"""Bytes decoded at once: zstandard cannot limit its output, 4 bytes may become 128 kB
(RFC 8878 §3.1.1.2.2)."""
_ZSTD_WINDOW = 8 * 1024 * 1024
"""The largest window allowed in HTTP (RFC 9659 §3)."""
_MAX_MEMBERS = 10_000
"""The maximum number of gzip members or zstd frames of one coding."""
_START_BYTES = 4
_ZLIB_DEFLATE = 8
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_MAGIC_NAMES = {"gzip", "zstd"}

_TEXT = re.compile(rb"[\t\n\r -~]*")
_MARKUP = re.compile(rb"(?:\xff\xfe|\xfe\xff).*|[\0\s]*(?:[<{\[][\0\t\n\r -~]*)?", re.DOTALL)


class ContentCodingError(ValueError):
    """The body cannot be decoded; the message is one sentence."""


class BodyTooLargeError(ContentCodingError):
    """The body decodes to more than the limit."""


class Decoder(Protocol):
    """Removes one coding. Both methods raise ContentCodingError."""

    def feed(self, data: bytes) -> Iterator[bytes]: ...

    def finish(self) -> Iterator[bytes]: ...


class BodyDecoder:
    """Removes all codings of one body as it streams in; each decodes to at most `max_bytes`."""

    def __init__(self, content_encoding: str | None, *, max_bytes: int):
        self._max_bytes = max_bytes
        self._chain = _build_chain(content_encoding)
        self._counts = [0] * len(self._chain)

    @property
    def byte_count(self) -> int:
        """Decoded bytes so far."""
        return self._counts[-1]

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The decoded pieces, each made of little work; some are empty.

        Raises ContentCodingError, or BodyTooLargeError past the limit.
        """
        yield from self._remove(0, [data])

    def finish(self) -> Iterator[bytes]:
        """The last decoded pieces. Raises ContentCodingError if the body is cut."""
        for layer, decoder in enumerate(self._chain):
            yield from self._remove(layer + 1, self._count(layer, decoder.finish()))

    def _remove(self, layer: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """Remove the codings from `layer` on."""
        if layer == len(self._chain):
            yield from pieces
            return
        for piece in pieces:
            yield b""  # the caller can stop here even if the next layers drop everything
            decoded = self._count(layer, self._chain[layer].feed(piece))
            yield from self._remove(layer + 1, decoded)

    def _count(self, layer: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
        for piece in pieces:
            self._counts[layer] += len(piece)
            if self._counts[layer] > self._max_bytes:
                raise BodyTooLargeError(f"the body decodes to more than {self._max_bytes:,} bytes")
            yield piece


def decode_body(body: bytes, content_encoding: str | None, *, max_bytes: int) -> bytes:
    """The decoded body. Raises ContentCodingError, or BodyTooLargeError past the limit."""
    decoder = BodyDecoder(content_encoding, max_bytes=max_bytes)
    return b"".join([*decoder.feed(body), *decoder.finish()])


def _build_chain(content_encoding: str | None) -> list[Decoder]:
    """Decoders in the order of removal: the coding named last was applied last."""
    names = re.findall(r"[^,\s]+", (content_encoding or "").lower())
    codings = [name for name in names if name not in {"identity", "none", "utf-8", "binary"}]
    if len(codings) > MAX_CODINGS:
        raise ContentCodingError(f"the body has {len(codings)} content codings")
    chain = [_SniffingDecoder(name.removeprefix("x-")) for name in reversed(codings)]
    return [*chain, _SniffingDecoder()]


class _SniffingDecoder:
    """Chooses a decoder by the first bytes: that of the named coding, of another one, or none.

    Plain text that is labelled as coded passes unchanged.
    """

    def __init__(self, name: str | None = None):
        self._name = name
        self._start = b""
        self._decoder: Decoder | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._decoder is not None:
            yield from self._decoder.feed(data)
            return
        self._start += data
        if len(self._start) >= _START_BYTES:
            yield from self._decide().feed(self._start)

    def finish(self) -> Iterator[bytes]:
        if self._decoder is None:
            yield from self._decide().feed(self._start)
        if self._decoder is not None:
            yield from self._decoder.finish()

    def _decide(self) -> Decoder:
        self._decoder = _choose_decoder(self._name, self._start[:_START_BYTES])
        return self._decoder


def _choose_decoder(name: str | None, start: bytes) -> Decoder:
    return _recognise(start) or _believe(name, start)


def _recognise(start: bytes) -> Decoder | None:
    """The decoder, if `start` alone determines it, whatever the header says; else None."""
    if start.startswith(_GZIP):
        return _ZlibDecoder(zlib.MAX_WBITS | 16)
    if start.startswith(_ZSTD):
        return _ZstdDecoder()
    return _IdentityDecoder() if _looks_like_markup(start) else None


def _believe(name: str | None, start: bytes) -> Decoder:
    """The decoder that the header names, unless the first bytes exclude it."""
    if name == "br":
        return _BrotliDecoder()
    if name == "deflate":
        return _ZlibDecoder(zlib.MAX_WBITS if _is_zlib(start) else -zlib.MAX_WBITS)
    if not _looks_like_text(start) and _is_zlib(start):
        return _ZlibDecoder(zlib.MAX_WBITS)
    if name is None or _looks_like_text(start):
        return _IdentityDecoder()
    if name in _MAGIC_NAMES:  # no magic number: perhaps brotli
        return _BrotliDecoder()
    raise ContentCodingError(f"the content coding {name[:40]!r} is unknown")


def _is_zlib(start: bytes) -> bool:
    """Whether `start` is a zlib header (RFC 1950 §2.2).

    Servers also send bare deflate (RFC 9110 §8.4.1.2).
    """
    if len(start) < len(_GZIP):
        return False
    return start[0] & 0x0F == _ZLIB_DEFLATE and int.from_bytes(start[:2], "big") % 31 == 0


def _looks_like_markup(start: bytes) -> bool:
    """Whether XML, HTML or JSON can begin with these bytes, in any of their character sets."""
    return _MARKUP.fullmatch(start.removeprefix(b"\xef\xbb\xbf")) is not None


def _looks_like_text(start: bytes) -> bool:
    return _looks_like_markup(start) or _TEXT.fullmatch(start) is not None


class _IdentityDecoder:
    def feed(self, data: bytes) -> Iterator[bytes]:
        if data:
            yield data

    def finish(self) -> Iterator[bytes]:
        return iter(())


class _ZlibDecoder:
    """gzip with any number of members (RFC 1952 §2.2), zlib or bare deflate."""

    def __init__(self, wbits: int):
        self._wbits = wbits
        self._inflater = zlib.decompressobj(wbits)
        self._member_count = 1
        self._held = b""
        """A byte after a member, kept until the next one shows whether another member begins."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._inflater.eof:
                data, self._held = self._held + data, b""
                if not self._begin_member(data):
                    return
            if piece := self._inflate(data):
                yield piece
            data = self._inflater.unconsumed_tail or self._inflater.unused_data

    def _begin_member(self, data: bytes) -> bool:
        """Whether `data` starts with another member; anything else is padding and is ignored."""
        if not data.startswith(_GZIP):
            self._held = data[:1]
            return False
        self._member_count += 1
        if self._member_count > _MAX_MEMBERS:
            raise ContentCodingError("the compressed body has too many members")
        self._inflater = zlib.decompressobj(self._wbits)
        return True

    def finish(self) -> Iterator[bytes]:
        while piece := self._inflate(self._inflater.unconsumed_tail):
            yield piece
        if not self._inflater.eof:
            raise ContentCodingError("the compressed body ends too early")

    def _inflate(self, data: bytes) -> bytes:
        try:
            return self._inflater.decompress(data, _PIECE)
        except zlib.error as exc:
            raise ContentCodingError("the compressed body is damaged") from exc


class _BrotliDecoder:
    def __init__(self) -> None:
        self._decompressor = brotli.Decompressor()

    def feed(self, data: bytes) -> Iterator[bytes]:
        if self._decompressor.is_finished():
            return
        try:
            piece = self._decompressor.process(data, output_buffer_limit=_PIECE)
            while True:
                if piece:
                    yield piece
                if self._decompressor.can_accept_more_data():
                    return
                piece = self._decompressor.process(b"", output_buffer_limit=_PIECE)
        except brotli.error as exc:
            raise ContentCodingError("the compressed body is damaged") from exc

    def finish(self) -> Iterator[bytes]:
        if not self._decompressor.is_finished():
            raise ContentCodingError("the compressed body ends too early")
        return iter(())


class _ZstdDecoder:
    def __init__(self) -> None:
        self._factory = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW)
        self._frame_count = 1
        self._decompressor = self._factory.decompressobj(read_across_frames=False)

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_SLICE):
            yield from self._feed_slice(data[start : start + _ZSTD_SLICE])

    def _feed_slice(self, data: bytes) -> Iterator[bytes]:
        while data:
            if self._decompressor.eof:
                self._frame_count += 1
                if self._frame_count > _MAX_MEMBERS:
                    raise ContentCodingError("the compressed body has too many frames")
                self._decompressor = self._factory.decompressobj(read_across_frames=False)
            try:
                piece = self._decompressor.decompress(data)
            except zstandard.ZstdError as exc:
                raise ContentCodingError("the compressed body is damaged") from exc
            if piece:
                yield piece
            data = self._decompressor.unused_data if self._decompressor.eof else b""

    def finish(self) -> Iterator[bytes]:
        if not self._decompressor.eof:
            raise ContentCodingError("the compressed body ends too early")
        return iter(())
