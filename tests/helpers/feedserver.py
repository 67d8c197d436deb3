"""A real HTTP server on loopback that publishes documents; the tests change what it serves."""

import hashlib
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, Self
from xml.sax.saxutils import quoteattr


class FeedServer:
    """Serves `documents` (path → bytes) with an ETag and 304; anything else answers 404."""

    def __init__(self, documents: Mapping[str, bytes] | None = None):
        self.documents: dict[str, bytes] = dict(documents or {})
        self.is_conditional = True

    def __enter__(self) -> Self:
        self._http = _Server(("127.0.0.1", 0), _Handler)
        self._http.feeds = self
        self._thread = Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._http.server_address[1]}/{path}"

    def write_opml(self, file: Path, attributes: str = "") -> Path:
        """List every document that is served now."""
        outlines = "\n".join(
            f"<outline type='rss' text={quoteattr(path)} xmlUrl={quoteattr(self.url(path))}"
            f" {attributes}/>"
            for path in self.documents
        )
        file.write_text(f"<opml version='2.0'><body>\n{outlines}\n</body></opml>\n", "utf-8")
        return file


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    feeds: FeedServer


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        feeds = self.server.feeds  # type: ignore[attr-defined]
        body = feeds.documents.get(self.path.lstrip("/"))
        if body is None:
            self.send_error(404)
            return
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if feeds.is_conditional and self.headers.get("If-None-Match") == etag:
            self.send_response(304)
            self.send_header("ETag", etag)
            self.end_headers()
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        if feeds.is_conditional:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: Any) -> None:
        pass
