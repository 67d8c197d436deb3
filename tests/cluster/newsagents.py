"""Publishers on several addresses of loopback, so that feeds have several hosts."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Event, Thread
from typing import Any, Self

ADDRESSES = tuple(f"127.0.1.{number}" for number in range(1, 9))


class Newsagents:
    """A context manager: `documents` (name → bytes) spread over all addresses, on one port."""

    def __init__(self, documents: dict[str, bytes]) -> None:
        self.documents = documents
        self._callers: Queue[int] = Queue()
        self._may_go = Event()
        self._may_go.set()
        self._held = next(iter(documents))

    def __enter__(self) -> Self:
        first = _Server((ADDRESSES[0], 0), _Handler)
        self.port = first.server_address[1]
        self._servers = [first] + [_Server((a, self.port), _Handler) for a in ADDRESSES[1:]]
        for server in self._servers:
            server.agents = self
            Thread(target=server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *exc: object) -> None:
        self.let_go()
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def write_opml(self, file: Path) -> None:
        outlines = "".join(
            f'<outline type="rss" text="{name}" outlet="{name.partition("-")[0]}" xmlUrl='
            f'"http://{ADDRESSES[number % len(ADDRESSES)]}:{self.port}/{name}"/>\n'
            for number, name in enumerate(self.documents)
        )
        file.write_text(f'<opml version="2.0"><body>\n{outlines}</body></opml>\n', "utf-8")

    def hold_one(self) -> None:
        """Answer all but one document; who asks for that one waits."""
        self._may_go.clear()

    def wait_for_caller(self, seconds: float) -> int:
        """The port of whoever waits for the document that is held."""
        return self._callers.get(timeout=seconds)

    def let_go(self) -> None:
        self._may_go.set()

    def answer(self, name: str, caller_port: int) -> bytes | None:
        if name == self._held and not self._may_go.is_set():
            self._callers.put(caller_port)
            self._may_go.wait()
        return self.documents.get(name)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    agents: Newsagents


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        agents: Newsagents = self.server.agents  # type: ignore[attr-defined]
        body = agents.answer(self.path.lstrip("/"), self.client_address[1])
        if body is None:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass
