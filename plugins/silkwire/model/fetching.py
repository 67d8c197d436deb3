"""Feeds that a batch fetches, and the results."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FetchOutcome(StrEnum):
    """How one attempt at a feed ended (`ops.fetch.outcome`)."""

    NEW = "new"
    NOT_MODIFIED = "not_modified"
    UNCHANGED_BODY = "unchanged_body"
    FAILED = "failed"


class ErrorClass(StrEnum):
    """Why an attempt failed (`ops.fetch.error_class`): a class per remedy for an operator."""

    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    PROTOCOL = "protocol"
    REFUSED_ADDRESS = "refused_address"
    REFUSED_URL = "refused_url"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BODY_TOO_LARGE = "body_too_large"
    BAD_ENCODING = "bad_encoding"
    CLIENT_ERROR = "client_error"
    RATE_LIMITED = "rate_limited"
    GONE = "gone"
    SERVER_ERROR = "server_error"
    EMPTY_BODY = "empty_body"
    HTML = "html"
    NOT_A_FEED = "not_a_feed"
    PARSER_LIMIT = "parser_limit"


@dataclass(frozen=True, slots=True)
class PlannedFeed:
    """One leased feed of a batch: what `ops.feed` knew of it when the batch was planned."""

    feed_key: int
    feed_url: str
    """As listed in the OPML, without credentials."""
    fetch_url: str
    """`feed_url`, or the address that a permanent redirect led to."""
    outlet: str | None = None
    language: str | None = None
    topics: tuple[str, ...] = ()
    """The topics that the feed is dedicated to: all of its entries match them."""
    etag: str | None = None
    last_modified: str | None = None
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body last published."""
    is_urls_repeat: bool = False
    is_guids_repeat: bool = False
    failure_count: int = 0
    """How many attempts before this one failed in a row; a document that is no feed also counts."""


@dataclass(frozen=True, slots=True)
class Redirect:
    """One redirect: its status, and the url that it leads to."""

    status: int
    url: str


@dataclass(frozen=True, slots=True)
class FetchResult:
    """One attempt at a feed, without the body, which is in the archive."""

    feed_key: int
    feed_url: str
    fetch_url: str
    started_at: datetime
    outcome: FetchOutcome
    fetch_ms: int
    final_url: str | None = None
    http_status: int | None = None
    error_class: ErrorClass | None = None
    error: str | None = None
    """One sentence for an operator; never holds credentials."""
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    retry_after_s: int | None = None
    redirects: tuple[Redirect, ...] = ()
    wire_bytes: int = 0
    """Bytes of the body as received (content encoding kept)."""
    body_bytes: int = 0
    """Bytes of the decoded body."""
    body_hash: str | None = None
    """SHA-256 (hex) of the decoded body."""
    archive_file: str | None = None
    """Path of the WARC file, relative to the data URL."""
    archive_offset: int | None = None
    """Byte offset of the response record in it."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """One attempt with the bytes sent and received (without transfer encoding), for the archive."""

    result: FetchResult
    request_head: bytes
    """Request line and headers as sent last, without credentials."""
    response_head: bytes | None = None
    """Status line and headers as received; None if no answer came."""
    response_body: bytes = b""
    """The body as received, content encoding kept."""
    truncated: str | None = None
    """Why the body is cut: `length`, `time` or `disconnect` (WARC 1.1 §5.13); None if whole."""
    peer_address: str | None = None
    """The IP address that answered."""
