"""A publisher on loopback that plays every misbehaviour: a real server, in a thread of its own.

    with Publisher() as publisher:
        url = publisher.add("/feed", answer(b"<rss/>", etag='"1"'))

A page is a coroutine function that gets the request and writes bytes, so that it can do anything
that a socket can do. `Names` is a resolver for tests: names to addresses, in turns.
"""

import asyncio
import datetime
import itertools
import socket
import ssl
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp.abc import AbstractResolver, ResolveResult

FEED = b"""<?xml version="1.0"?>
<rss version="2.0"><channel><title>Harbour Post</title><link>http://a.example/</link>
<item><title>Ferry to Xiamen resumes</title><link>http://a.example/1</link></item>
</channel></rss>
"""


@dataclass(frozen=True)
class Request:
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    at: float
    """`time.monotonic()` at which it was read."""

    @property
    def host(self) -> str:
        return self.headers.get("host", "").rpartition(":")[0]


Writer = asyncio.StreamWriter
Page = Callable[[Request, Writer], Awaitable[None]]


@dataclass
class Publisher:
    """Serves `pages` on 127.0.0.1 until the `with` block is left; remembers who asked.

    At the host `::` it hears whatever reaches this machine, IPv4 too.
    """

    is_tls: bool = False
    host: str = "127.0.0.1"
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    most_at_once: Counter[str] = field(default_factory=Counter)
    """The most requests under way at once, by host name."""
    port: int = 0
    _peers: list[object] = field(default_factory=list)
    _probes: list[object] = field(default_factory=list)

    @property
    def connection_count(self) -> int:
        return len(self._peers)

    def add(self, path: str, page: Page) -> str:
        self.pages[path] = page
        return self.url(path)

    def url(self, path: str = "/", host: str | None = None) -> str:
        scheme = "https" if self.is_tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    def count_strangers(self) -> int:
        """Connections by others than this method. Its own comes last and is accepted last, so none
        that began before is missed; and it proves that the listener counts."""
        with socket.create_connection((self.host, self.port), timeout=10) as probe:
            while probe.getsockname() not in self._peers:
                time.sleep(0.001)
            self._probes.append(probe.getsockname())
        return len(self._peers) - len(self._probes)

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]

    def __enter__(self) -> "Publisher":
        self._under_way: Counter[str] = Counter()
        self._loop = asyncio.new_event_loop()
        self._is_ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        assert self._is_ready.wait(10)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(10)

    def _serve(self) -> None:
        self._loop.run_until_complete(self._serve_until_stopped())
        self._loop.close()

    async def _serve_until_stopped(self) -> None:
        self._stop = asyncio.Event()
        tls = build_tls_context() if self.is_tls else None
        server = await asyncio.start_server(self._answer, sock=self._listen(), ssl=tls)
        self.port = server.sockets[0].getsockname()[1]
        self._is_ready.set()
        await self._stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _listen(self) -> socket.socket:
        is_v6 = ":" in self.host
        return socket.create_server(
            (self.host, self.port),
            family=socket.AF_INET6 if is_v6 else socket.AF_INET,
            backlog=2000,
            dualstack_ipv6=is_v6,
        )

    async def _answer(self, reader: asyncio.StreamReader, writer: Writer) -> None:
        self._peers.append(writer.get_extra_info("peername"))
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            request = parse_request(await reader.readuntil(b"\r\n\r\n"))
            self.requests.append(request)
            work = asyncio.ensure_future(self._play(request, writer))
            gone = asyncio.ensure_future(reader.read())
            try:
                await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                work.cancel()
                gone.cancel()
                await asyncio.gather(work, gone, return_exceptions=True)
            await asyncio.wait_for(writer.drain(), 5)
        with suppress(OSError, RuntimeError):
            writer.close()

    async def _play(self, request: Request, writer: Writer) -> None:
        """Play the page; it stops counting with its last write, before anyone can read that."""
        page = self.pages.get(request.path.partition("?")[0], answer(status=404))
        self._under_way[request.host] += 1
        now = self._under_way[request.host]
        self.most_at_once[request.host] = max(now, self.most_at_once[request.host])
        try:
            await page(request, writer)
        finally:
            self._under_way[request.host] -= 1


def parse_request(head: bytes) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.lower(): value.strip() for name, _, value in pairs}
    return Request(first.split(" ")[1], headers, time.monotonic())


def format_answer(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} Reason", *(f"{name}: {text}" for name, text in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


def answer(
    body: bytes = b"", status: int = 200, *, etag: str | None = None, **headers: str | None
) -> Page:
    """A correct answer; header names are given as `retry_after`; None leaves one out."""
    known = {"content_type": "application/rss+xml", "etag": etag, **headers}
    known.setdefault("content_length", str(len(body)))

    async def page(request: Request, writer: Writer) -> None:
        is_known = etag is not None and request.headers.get("if-none-match") == etag
        named = {k.replace("_", "-").title(): v for k, v in known.items() if v is not None}
        if is_known:
            named.pop("Content-Length", None)
            writer.write(format_answer(304, named, b""))
        else:
            writer.write(format_answer(status, named, body))

    return page


def redirect(location: str, status: int = 302) -> Page:
    return answer(status=status, location=location)


def write_raw(*pieces: bytes, pause_s: float = 0.0) -> Page:
    """Exactly these bytes, then the end of the connection."""

    async def page(request: Request, writer: Writer) -> None:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return page


def repeat_for_ever(start: bytes, piece: bytes, pause_s: float = 0.0) -> Page:
    """Endless headers, endless bodies, bodies that drip."""

    async def page(request: Request, writer: Writer) -> None:
        writer.write(start)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return page


def hang() -> Page:
    """Accept, read the request, say nothing."""

    async def page(request: Request, writer: Writer) -> None:
        await asyncio.sleep(3600)

    return page


def wait_and_answer(seconds: float, body: bytes = FEED) -> Page:
    async def page(request: Request, writer: Writer) -> None:
        await asyncio.sleep(seconds)
        await answer(body)(request, writer)

    return page


class Names(AbstractResolver):
    """A resolver that knows some names; a name with several answers gives them in turns.

    An answer of several addresses has blanks between them.
    """

    def __init__(self, default: str | None = None, **answers: list[str]):
        self._default = default
        self._answers: dict[str, Iterator[str]] = {
            name.replace("_", "."): itertools.chain(found[:-1], itertools.repeat(found[-1]))
            for name, found in answers.items()
        }
        self.asked: list[str] = []

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.asked.append(host)
        addresses = next(self._answers[host]) if host in self._answers else self._default
        if addresses is None:
            raise OSError(None, "the name is unknown")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in addresses.split()
        ]

    async def close(self) -> None:
        pass


def build_tls_context() -> ssl.SSLContext:
    """A server's context with a certificate that nobody trusts."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "both.pem"
        path.write_bytes(private + certificate.public_bytes(pem))
        context.load_cert_chain(path)
    return context
