"""Resolve host names with the operating system's resolver, each lookup in its own thread."""

import asyncio
import socket
import threading
from concurrent.futures import Future

from aiohttp.abc import AbstractResolver, ResolveResult

_Addresses = list[tuple[int, str]]


class SystemResolver(AbstractResolver):
    """getaddrinfo in a daemon thread for each lookup.

    A lookup cannot be cancelled. In a thread pool, as in aiohttp's own resolver, lookups that hang
    would delay the others and keep the interpreter from exiting.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Every address of the name, not yet checked. Raises OSError if there is none."""
        found: _Addresses
        if is_local_name(host):
            found = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
        else:
            found = await _start_lookup(host, port, family)
        return [
            ResolveResult(hostname=host, host=ip, port=port, family=version, proto=0, flags=0)
            for version, ip in found
        ]

    async def close(self) -> None:
        """Do not wait for running lookups."""


def is_local_name(host: str) -> bool:
    """`localhost` and its subdomains are loopback, whatever DNS says (RFC 6761 §6.3)."""
    return f".{host.rstrip('.')}".endswith(".localhost")


def _start_lookup(host: str, port: int, family: int) -> asyncio.Future[_Addresses]:
    future: Future[_Addresses] = Future()
    future.set_running_or_notify_cancel()  # a caller that stops waiting must not cancel it

    def run() -> None:
        try:
            infos = socket.getaddrinfo(
                host, port, family=family, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
            )
            future.set_result([(version, str(address[0])) for version, *_, address in infos])
        except OSError as exc:
            future.set_exception(exc)
        except UnicodeError:
            future.set_exception(OSError(None, "the name is malformed"))

    threading.Thread(target=run, name=f"silkwire-dns-{host}", daemon=True).start()
    return asyncio.wrap_future(future)
