"""Receive a response body within the size limit: stored as received, decoded only to measure it."""

import asyncio
import hashlib
import tempfile

import aiohttp

from silkwire.contentcoding import BodyDecoder, BodyTooLargeError, ContentCodingError
from silkwire.fetch.client import Response

ERROR_PAGE_BYTES = 65_536
_ERROR_PAGE_S = 2.0
_SPOOL_BYTES = 128 * 1024
"""Larger bodies are spooled to disk, so that memory depends only on the number of requests."""

_PIECES_AT_ONCE = 16
"""Pieces that are decoded before other fetches and the deadline get their turn: some
milliseconds."""


class ReceivedBody:
    """The bytes as received, with the length and hash of their decoded form. Close it after use."""

    def __init__(self, content_encoding: str | None, *, max_bytes: int):
        self._max_bytes = max_bytes
        self._spool = tempfile.SpooledTemporaryFile(max_size=_SPOOL_BYTES)  # noqa: SIM115
        self._hash = hashlib.sha256()
        self._decoder: BodyDecoder | None = None
        self.coding_error: str | None = None
        self.wire_bytes = 0
        self.is_blank = True
        """Only white space so far."""
        try:
            self._decoder = BodyDecoder(content_encoding, max_bytes=max_bytes)
        except ContentCodingError as exc:
            self.coding_error = str(exc)

    @property
    def body_bytes(self) -> int:
        return self._decoder.byte_count if self._decoder else 0

    @property
    def body_hash(self) -> str:
        return self._hash.hexdigest()

    async def add(self, data: bytes) -> None:
        """Raises BodyTooLargeError past the limit, counted as received and as decoded.

        A body that cannot be decoded sets `coding_error` and is still stored, for diagnosis.
        """
        room = self._max_bytes - self.wire_bytes
        self._spool.write(data[:room])
        self.wire_bytes += min(len(data), room)
        if len(data) > room:
            raise BodyTooLargeError(f"the body is larger than {self._max_bytes:,} bytes")
        await self._decode(data)

    async def finish(self) -> None:
        """Decode what the decoder still holds. Raises BodyTooLargeError."""
        await self._decode(None)

    def read(self) -> bytes:
        self._spool.seek(0)
        return self._spool.read()

    def close(self) -> None:
        self._spool.close()

    async def _decode(self, data: bytes | None) -> None:
        if self.coding_error or self._decoder is None:
            return
        pieces = self._decoder.finish() if data is None else self._decoder.feed(data)
        try:
            for number, piece in enumerate(pieces, 1):
                self._hash.update(piece)
                self.is_blank = self.is_blank and not piece.strip()
                if number % _PIECES_AT_ONCE == 0:
                    await asyncio.sleep(0)
        except BodyTooLargeError:
            raise
        except ContentCodingError as exc:
            self.coding_error = str(exc)


async def receive_all(response: Response, body: ReceivedBody) -> None:
    """Raises BodyTooLargeError, and ClientPayloadError if the body ends too early."""
    try:
        async for data in response.read_pieces():
            await body.add(data)
    except aiohttp.ClientPayloadError:
        # aiohttp 3.14 may miss the end of a complete body that arrives faster than it is read
        # (https://github.com/aio-libs/aiohttp/issues/13348).
        if body.wire_bytes != response.content_length:
            raise
    await body.finish()


async def receive_error_page(response: Response, body: ReceivedBody) -> str | None:
    """Receive what arrives in time; if that is not all, return why (`Exchange.truncated`).

    This raises nothing, because the status alone decides the outcome.
    """
    try:
        async with asyncio.timeout(_ERROR_PAGE_S):
            await receive_all(response, body)
    except BodyTooLargeError:
        return "length"
    except TimeoutError:
        return "time"
    except (aiohttp.ClientError, OSError):
        return "disconnect"
    return None
