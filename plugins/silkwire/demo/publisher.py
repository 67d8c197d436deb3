"""Serve the demo's feeds on loopback: documents of cycle 1 first, of cycle 2 after `advance()`."""

import gzip
import hashlib
import sys
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from silkwire.demo.catalogue import FEEDS, FEEDS_DIR, DemoFeed
from silkwire.demo.placeholders import fill_placeholders, format_rfc822

LAST_CYCLE = 2


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class SeenRequest:
    """A request that was served, for tests: its path, validators and status."""

    path: str
    if_none_match: str | None
    if_modified_since: str | None
    status: int


class Publisher:
    """A context manager around an HTTP server on 127.0.0.1, at a free port, in a thread.

    The dates in the feeds are relative to `now`.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now.replace(microsecond=0)
        self.cycle = 1
        self.requests: list[SeenRequest] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.publisher = self
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))

    def __enter__(self) -> "Publisher":
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def feed_url(self, file: str) -> str:
        """The url in the feed list of the feed with this file name."""
        return self.base_url + next(feed for feed in FEEDS if feed.file == file).listed_path

    def advance(self) -> None:
        """Serve cycle 2, in which some feeds have changed."""
        self.cycle = LAST_CYCLE

    def write_opml(self, path: Path) -> Path:
        """Write the feed list to `path`, and return the path."""
        root = ET.Element("opml", version="2.0")
        ET.SubElement(ET.SubElement(root, "head"), "title").text = "The demo's feeds"
        body = ET.SubElement(root, "body")
        for group in dict.fromkeys(feed.group for feed in FEEDS):
            outline = ET.SubElement(body, "outline", text=group)
            for feed in (feed for feed in FEEDS if feed.group == group):
                ET.SubElement(outline, "outline", _outline(feed, self.feed_url(feed.file)))
        ET.indent(root)
        ET.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
        return path

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> Answer:
        """The answer to a GET with these validators (RFC 9110 §13.1)."""
        for feed in FEEDS:
            if path == feed.moved_from:
                return Answer(301, (("Location", self.base_url + feed.path),))
            if path == feed.path:
                return self._answer_feed(feed, if_none_match, if_modified_since)
        return Answer(404)

    def _answer_feed(self, feed: DemoFeed, none_match: str | None, since: str | None) -> Answer:
        if feed.status != HTTPStatus.OK:
            return Answer(feed.status, body=b"Something went wrong.\n")
        body, modified_at = render_feed(feed, self.cycle, self.now)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        sent = {"etag": ("ETag", etag), "last-modified": ("Last-Modified", modified_at)}
        headers = tuple(sent[name] for name in sorted(feed.validators))
        if _is_known(feed, etag, modified_at, none_match, since):
            return Answer(304, headers)
        headers += (("Content-Type", feed.content_type),)
        if feed.is_compressed:
            return Answer(200, (*headers, ("Content-Encoding", "gzip")), gzip.compress(body))
        return Answer(200, headers, body)


def render_feed(feed: DemoFeed, cycle: int, now: datetime) -> tuple[bytes, str]:
    """The document of this cycle, encoded as it is served, and its Last-Modified."""
    changed = FEEDS_DIR / f"cycle{cycle}" / feed.file
    file = changed if changed.is_file() else FEEDS_DIR / "cycle1" / feed.file
    modified_at = now - timedelta(minutes=60 if file.parent.name == "cycle1" else 5)
    built = now - timedelta(minutes=15 if cycle == 1 else 5)
    text = fill_placeholders(file.read_text("utf-8"), now=now, built=built)
    return text.encode(feed.encoding), format_rfc822(modified_at)


def _is_known(
    feed: DemoFeed, etag: str, modified_at: str, none_match: str | None, since: str | None
) -> bool:
    # With If-None-Match, If-Modified-Since is ignored (RFC 9110 §13.1.3).
    if none_match is not None and "etag" in feed.validators:
        return none_match == etag
    return since is not None and "last-modified" in feed.validators and since == modified_at


def _outline(feed: DemoFeed, url: str) -> dict[str, str]:
    attributes = {
        "type": "rss",
        "text": feed.title,
        "xmlUrl": url,
        "htmlUrl": feed.site,
        "outlet": feed.title,
        "language": feed.language,
        "category": f"demo,{feed.group.lower()}",
    }
    optional = {"topics": feed.topics, "poll": feed.poll}
    return attributes | {name: value for name, value in optional.items() if value}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    publisher: Publisher

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):  # a client may hang up
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        publisher = self.server.publisher
        none_match, since = self.headers["If-None-Match"], self.headers["If-Modified-Since"]
        answer = publisher.answer(self.path, none_match, since)
        publisher.requests.append(SeenRequest(self.path, none_match, since, answer.status))
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Connection", "close")
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *args: object) -> None:
        """Print nothing: the console shows the demo."""
