"""Collect the request and response of one attempt, and build its `Exchange` without credentials."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

import aiohttp

from silkwire.fetch.body import ReceivedBody
from silkwire.fetch.client import Response
from silkwire.fetch.credentials import drop_credentials, list_secrets, redact
from silkwire.fetch.headers import clean_header
from silkwire.fetch.outcome import Outcome
from silkwire.fetch.urls import Target
from silkwire.model import Exchange, FetchResult, PlannedFeed, Redirect


@dataclass(slots=True)
class ExchangeBuilder:
    """What an attempt has sent and received so far, in its last request."""

    feed: PlannedFeed
    started_at: datetime
    credentials: str | None = None
    spent_s: float = 0.0
    """Seconds spent in requests, without the wait for a free turn of the host."""
    redirects: tuple[Redirect, ...] = ()
    final_url: str | None = None
    request_head: bytes = b""
    response: Response | None = None
    body: ReceivedBody | None = None
    truncated: str | None = None
    outcome: Outcome | None = None

    def start_request(self, target: Target, headers: Mapping[str, str]) -> None:
        self.final_url, self.response = target.url, None
        self.request_head = format_request_head(target, headers, self.credentials)

    def build_exchange(self) -> Exchange:
        """The exchange, read back into memory. Call it once: it closes the body."""
        exchange = Exchange(
            result=self._build_result(),
            request_head=self.request_head,
            response_head=self._format_response_head(),
            response_body=self.body.read() if self.body else b"",
            truncated=self.truncated,
            peer_address=self.response.peer_address if self.response else None,
        )
        self.close()
        return exchange

    def close(self) -> None:
        if self.body is not None:
            self.body.close()
        self.body, self.response = None, None

    def _build_result(self) -> FetchResult:
        outcome, body, response = self.outcome, self.body, self.response
        assert outcome is not None, "the attempt has not ended"
        is_read = outcome.error_class is None and body is not None and body.body_bytes > 0
        content_type = response.headers.get("Content-Type") if response else None
        return FetchResult(
            feed_key=self.feed.feed_key,
            feed_url=drop_credentials(self.feed.feed_url),
            fetch_url=drop_credentials(self.feed.fetch_url),
            started_at=self.started_at,
            outcome=outcome.kind,
            fetch_ms=round(self.spent_s * 1000),
            final_url=self._redact(self.final_url),
            http_status=response.status if response else None,
            error_class=outcome.error_class,
            error=self._redact(outcome.error),
            content_type=self._redact(clean_header(content_type)),
            etag=self._redact(outcome.etag),
            last_modified=self._redact(outcome.last_modified),
            max_age_s=outcome.max_age_s,
            retry_after_s=outcome.retry_after_s,
            redirects=self.redirects,
            wire_bytes=body.wire_bytes if body else 0,
            body_bytes=body.body_bytes if body else 0,
            body_hash=body.body_hash if body and is_read else None,
        )

    def _format_response_head(self) -> bytes | None:
        if self.response is None:
            return None
        version = self.response.version or aiohttp.HttpVersion11
        status_line = (
            f"HTTP/{version.major}.{version.minor} "
            f"{self.response.status} {self.response.reason or ''}"
        )
        return format_response_head(status_line, self.response.raw_headers, self.credentials)

    def _redact(self, text: str | None) -> str | None:
        return None if text is None else redact(text, self.credentials)


def format_request_head(
    target: Target, headers: Mapping[str, str], credentials: str | None
) -> bytes:
    """Request line and headers as sent, without credentials, also without those in a redirect."""
    parts = urlsplit(target.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name != "Authorization"]
    return redact("\r\n".join([*lines, "", ""]), credentials).encode("utf-8", "replace")


def format_response_head(
    status_line: str, raw_headers: Iterable[tuple[bytes, bytes]], credentials: str | None
) -> bytes:
    """Status line and headers as received, with two changes.

    `Transfer-Encoding` is renamed, as other archiving tools do, since the stored body has none.
    Credentials that the server echoes are redacted.
    """
    lines = [status_line.encode("utf-8", "surrogateescape")]
    for name, value in raw_headers:
        is_transfer = name.lower() == b"transfer-encoding"
        lines.append((b"X-Archive-Orig-" if is_transfer else b"") + name + b": " + value)
    head = b"\r\n".join([*lines, b"", b""])
    for secret in list_secrets(credentials):
        head = head.replace(secret.encode(), b"***")
    return head
