"""The one place through which every request goes: connections to addresses that are allowed."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver

from silkwire.config import Settings
from silkwire.fetch.addresses import may_connect
from silkwire.fetch.names import SystemResolver

MAX_LINE_BYTES = 8_190
MAX_FIELD_BYTES = 16_384
"""One header; content security policies are often larger than aiohttp's own limit."""
MAX_HEADERS = 128

_PATIENCE_S = 1.0


class RefusedAddressError(OSError):
    """The address is not public. One text for all, so that aiohttp keeps this very error."""

    def __init__(self) -> None:
        super().__init__(errno.EACCES, "the address is not public")


class AddressedResponse(aiohttp.ClientResponse):
    """An answer that remembers who gave it, and notices that no more of it will come."""

    peer_address: str | None = None
    _socket: Any = None

    async def start(self, connection: Any) -> aiohttp.ClientResponse:
        # The connection may be gone as soon as the answer is read.
        self._socket = connection.transport
        peer = self._socket and self._socket.get_extra_info("peername")
        self.peer_address = peer[0] if peer else None
        return await super().start(connection)

    async def read_pieces(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ClientPayloadError if it ends too early."""
        while not self.content.at_eof():
            try:
                async with asyncio.timeout(_PATIENCE_S):
                    piece = await self.content.readany()
            except TimeoutError:
                # aiohttp closes the connection at a malformed chunk and tells nobody.
                if self._socket is None or self._socket.is_closing():
                    raise aiohttp.ClientPayloadError("the connection is closed") from None
                continue
            if piece:
                yield piece


def open_session(settings: Settings, resolver: AbstractResolver | None) -> aiohttp.ClientSession:
    """A session that reaches allowed addresses only, whatever the resolver answers.

    The check is made on the socket address that is connected next, so that nothing (a second DNS
    answer, a literal, a redirect) comes between check and use. No proxies: one would connect for
    us, unchecked. No cookies, no automatic decompression, a fresh connection for every request.
    """
    connector = aiohttp.TCPConnector(
        resolver=resolver or SystemResolver(),
        limit=0,
        force_close=True,
        socket_factory=_guard_sockets(settings),
    )
    return aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        response_class=AddressedResponse,
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
        auto_decompress=False,
        trust_env=False,
        max_line_size=MAX_LINE_BYTES,
        max_field_size=MAX_FIELD_BYTES,
        max_headers=MAX_HEADERS,
    )


def _guard_sockets(settings: Settings) -> Callable[[Any], socket.socket]:
    def open_socket(addr_info: Any) -> socket.socket:
        family, kind, protocol, _, address = addr_info
        if not may_connect(address[0], settings.fetch_allow_private):
            raise RefusedAddressError
        return socket.socket(family, kind, protocol)

    return open_socket
