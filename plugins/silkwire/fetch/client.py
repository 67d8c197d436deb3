"""The HTTP client of all requests: an aiohttp session that connects to allowed addresses only."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from silkwire.config import Settings
from silkwire.fetch.addresses import may_connect
from silkwire.fetch.dns import SystemResolver

_MAX_LINE_BYTES = 8_190
_MAX_HEADER_BYTES = 16_384  # content security policies often exceed aiohttp's own limit
_MAX_HEADERS = 128
_READ_TIMEOUT_S = 1.0


class RefusedAddressError(OSError):
    """The address is not public.

    The message is always the same, because aiohttp turns different errors into a plain OSError.
    """

    def __init__(self) -> None:
        super().__init__(errno.EACCES, "the address is not public")


class Response(aiohttp.ClientResponse):
    """A response that keeps the server's address and notices a connection that aiohttp closed."""

    peer_address: str | None = None
    _socket: Any = None

    @property
    def is_redirect(self) -> bool:
        return self.status in {301, 302, 303, 307, 308}

    @property
    def is_success(self) -> bool:
        """Whether the body is the whole feed: 2xx but not 206 Partial Content (RFC 9110 §15.3)."""
        return self.status in range(200, 300) and self.status != 206  # noqa: PLR2004

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        # aiohttp may release the connection as soon as the response is read.
        self._socket = connection.transport
        peer = self._socket and self._socket.get_extra_info("peername")
        self.peer_address = peer[0] if peer else None
        return await super().start(connection)

    async def read_pieces(self) -> AsyncIterator[bytes]:
        """The body as it arrives. Raises ClientPayloadError if it ends too early."""
        while not self.content.at_eof():
            try:
                async with asyncio.timeout(_READ_TIMEOUT_S):
                    piece = await self.content.readany()
            except TimeoutError:
                # After a malformed chunk aiohttp closes the connection without raising.
                if self._socket is None or self._socket.is_closing():
                    raise aiohttp.ClientPayloadError("the connection is closed") from None
                continue
            if piece:
                yield piece


def open_session(settings: Settings, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """A session that connects to allowed addresses only, whatever the resolver returns.

    The check is made on the socket address of each connection, so that nothing (a second DNS
    lookup, a literal address, a redirect) can change it afterwards. The session uses no proxy,
    which would connect without the check, no cookies, no automatic decompression, and a new
    connection for each request.
    """

    def open_socket(address_info: Any) -> socket.socket:
        family, kind, protocol, _, address = address_info
        if not may_connect(address[0], settings.fetch_allow_private):
            raise RefusedAddressError
        return socket.socket(family, kind, protocol)

    connector = aiohttp.TCPConnector(
        resolver=resolver or SystemResolver(),
        limit=0,
        force_close=True,
        socket_factory=open_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=Response,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        auto_decompress=False,
        trust_env=False,
        max_line_size=_MAX_LINE_BYTES,
        max_field_size=_MAX_HEADER_BYTES,
        max_headers=_MAX_HEADERS,
    )
