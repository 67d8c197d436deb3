"""Host names to addresses, through the system, without letting a slow name server hold us up."""

import asyncio
import socket
import threading
from contextlib import suppress
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult


class SystemResolver(AbstractResolver):
    """getaddrinfo, each lookup in a daemon thread of its own.

    A lookup cannot be cancelled. In a pool, as aiohttp has it, those that hang would keep others
    waiting, and the interpreter from ending.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of the name, not yet checked. Raises OSError if there is none."""
        found: list[tuple[int, str]]
        if is_local_name(host):
            found = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
        else:
            found = await _run_in_thread(host, port, family)
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=kind, proto=0, flags=0)
            for kind, ip in found
        ]

    async def close(self) -> None:
        """Lookups under way end by themselves; nobody waits for them."""


def is_local_name(host: str) -> bool:
    """`localhost` and names under it are loopback, whatever name servers say (RFC 6761 §6.3)."""
    return f".{host.rstrip('.')}".endswith(".localhost")


def _look_up(host: str, port: int, family: int) -> list[tuple[int, str]]:
    infos = socket.getaddrinfo(
        host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
    )
    return [(kind, str(address[0])) for kind, _, _, _, address in infos]


async def _run_in_thread(host: str, port: int, family: int) -> list[tuple[int, str]]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[list[tuple[int, str]]] = loop.create_future()

    def settle(found: Any, error: BaseException | None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(found)
        else:
            future.set_exception(error)

    def run() -> None:
        found, error = None, None
        try:
            found = _look_up(host, port, family)
        except (OSError, UnicodeError) as exc:
            error = exc if isinstance(exc, OSError) else OSError(None, "the name is malformed")
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, found, error)

    threading.Thread(target=run, name=f"silkwire-dns-{host}", daemon=True).start()
    return await future
