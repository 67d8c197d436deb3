"""What went over the wire in one attempt, and how it becomes an `Exchange`."""

from dataclasses import dataclass
from datetime import datetime

from silkwire.fetch.answers import Judgement
from silkwire.fetch.bodies import ReceivedBody
from silkwire.fetch.client import AddressedResponse
from silkwire.fetch.headers import clean_header, format_response_head, redact
from silkwire.fetch.urls import drop_credentials
from silkwire.model import Exchange, FetchResult, PlannedFeed, Redirect


@dataclass(slots=True)
class Transcript:
    """Grows while the attempt goes on; the last request and answer count."""

    feed: PlannedFeed
    started_at: datetime
    credentials: str | None = None
    spent_s: float = 0.0
    """Time in requests; waiting for a turn is not counted."""
    redirects: tuple[Redirect, ...] = ()
    final_url: str | None = None
    request_head: bytes = b""
    response: AddressedResponse | None = None
    body: ReceivedBody | None = None
    truncated: str | None = None
    judgement: Judgement | None = None

    def build_exchange(self) -> Exchange:
        """The whole, read back into memory, without credentials. Once: it lets go of all."""
        exchange = Exchange(
            result=self._build_result(),
            request_head=self.request_head,
            response_head=self._format_response_head(),
            response_body=b"" if self.body is None else self.body.read(),
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
        judgement, body = self.judgement, self.body
        assert judgement is not None, "the attempt has not ended"
        failure = judgement.failure
        is_decoded = failure is None and body is not None
        headers = self.response.headers if self.response else {}
        return FetchResult(
            feed_key=self.feed.feed_key,
            feed_url=drop_credentials(self.feed.feed_url),
            fetch_url=drop_credentials(self.feed.fetch_url),
            started_at=self.started_at,
            outcome=judgement.outcome,
            fetch_ms=round(self.spent_s * 1000),
            final_url=self._redact(self.final_url),
            http_status=self.response.status if self.response else None,
            error_class=failure.error_class if failure else None,
            error=self._redact(failure.error) if failure else None,
            content_type=self._redact(clean_header(headers.get("Content-Type"))),
            etag=self._redact(judgement.etag),
            last_modified=self._redact(judgement.last_modified),
            max_age_s=judgement.max_age_s,
            retry_after_s=judgement.retry_after_s,
            redirects=self.redirects,
            wire_bytes=body.wire_bytes if body else 0,
            body_bytes=body.body_bytes if body else 0,
            body_hash=body.body_hash if is_decoded and body and body.body_bytes else None,
        )

    def _format_response_head(self) -> bytes | None:
        if self.response is None:
            return None
        version = self.response.version
        number = f"{version.major}.{version.minor}" if version else "1.1"
        status_line = f"HTTP/{number} {self.response.status} {self.response.reason or ''}"
        return format_response_head(status_line, self.response.raw_headers, self.credentials)

    def _redact(self, text: str | None) -> str | None:
        return None if text is None else redact(text, self.credentials)
