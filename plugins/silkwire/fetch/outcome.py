"""Decide what a response or an exception of the HTTP client means for its feed. Pure."""

import socket
import ssl
from dataclasses import dataclass
from datetime import datetime

import aiohttp

from silkwire.fetch.body import ReceivedBody
from silkwire.fetch.client import RefusedAddressError, Response
from silkwire.fetch.headers import clean_header, parse_max_age, parse_retry_after
from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass, FetchOutcome, PlannedFeed

_NOT_MODIFIED = 304
_STATUS_CLASSES = {
    410: ErrorClass.GONE,  # RFC 9110 §15.5.11
    429: ErrorClass.RATE_LIMITED,  # RFC 6585 §4
}
_HUNDRED_CLASSES = {4: ErrorClass.CLIENT_ERROR, 5: ErrorClass.SERVER_ERROR}
_CLOSED = (aiohttp.ServerDisconnectedError, ConnectionError)
# The first match counts; any other exception means malformed HTTP.
_EXCEPTION_CLASSES: tuple[tuple[tuple[type[BaseException], ...], ErrorClass], ...] = (
    ((aiohttp.InvalidURL,), ErrorClass.REFUSED_URL),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), ErrorClass.DNS),
    ((aiohttp.ClientSSLError, ssl.SSLError), ErrorClass.TLS),
    ((aiohttp.ClientConnectorError,), ErrorClass.CONNECT),
    ((TimeoutError,), ErrorClass.TIMEOUT),
)
_SENTENCES = {
    ErrorClass.REFUSED_ADDRESS: "{host} is at an address that is not public",
    ErrorClass.REFUSED_URL: "the url of {host} is malformed",
    ErrorClass.DNS: "{host} has no address",
    ErrorClass.TLS: "{host} has no trustworthy TLS",
    ErrorClass.CONNECT: "{host} cannot be connected to",
    ErrorClass.TIMEOUT: "{host} did not answer in time",
    ErrorClass.PROTOCOL: "{host} does not speak HTTP correctly",
}
_RETRY_AFTER_STATUSES = frozenset({429, 503})
_MAX_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended, and what the response says about the next one."""

    kind: FetchOutcome
    error_class: ErrorClass | None = None
    error: str | None = None
    """One sentence for an operator; set if and only if the attempt failed."""
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    retry_after_s: int | None = None


def fail(error_class: ErrorClass, error: str, retry_after_s: int | None = None) -> Outcome:
    return Outcome(FetchOutcome.FAILED, error_class, error, retry_after_s=retry_after_s)


def decide_outcome(
    response: Response, body: ReceivedBody, feed: PlannedFeed, now: datetime
) -> Outcome:
    """The outcome of a complete response that is no redirect (RFC 9110 §15)."""
    headers, status = response.headers, response.status
    etag = clean_header(headers.get("ETag"))
    last_modified = clean_header(headers.get("Last-Modified"))
    max_age_s = parse_max_age(headers, now)
    if status == _NOT_MODIFIED and (feed.etag or feed.last_modified):
        # New validators replace the stored ones; without new ones these stay (RFC 9111 §4.3.4).
        etag, last_modified = etag or feed.etag, last_modified or feed.last_modified
        kind = FetchOutcome.NOT_MODIFIED
    elif not response.is_success:
        retry_after = headers.get("Retry-After") if status in _RETRY_AFTER_STATUSES else None
        sentence = clean_sentence(f"the server answered {status} {response.reason or ''}")
        default = _HUNDRED_CLASSES.get(status // 100, ErrorClass.PROTOCOL)
        error_class = _STATUS_CLASSES.get(status, default)
        return fail(error_class, sentence, parse_retry_after(retry_after, now))
    elif body.coding_error:
        return fail(ErrorClass.BAD_ENCODING, body.coding_error)
    elif body.is_blank:
        return fail(ErrorClass.EMPTY_BODY, "the body is empty")
    elif body.body_hash == feed.body_hash:
        kind = FetchOutcome.UNCHANGED_BODY
    else:
        kind = FetchOutcome.NEW
    return Outcome(kind, None, None, etag, last_modified, max_age_s)


def clean_sentence(text: str) -> str:
    """`text` as one printable line of bounded length: servers choose parts of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_SENTENCE else line[: _MAX_SENTENCE - 1] + "…"


def classify_exception(exc: BaseException, target: Target) -> Outcome:
    """The outcome of a request to `target` that raised `exc`."""
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    matches = (error_class for types, error_class in _EXCEPTION_CLASSES if isinstance(exc, types))
    error_class = next(matches, ErrorClass.PROTOCOL)
    if isinstance(cause, RefusedAddressError):
        error_class = ErrorClass.REFUSED_ADDRESS
    if error_class is ErrorClass.PROTOCOL and isinstance(exc, _CLOSED):
        return fail(error_class, f"{target.host} closed the connection too early")
    if isinstance(exc, aiohttp.ClientPayloadError):
        return fail(error_class, f"{target.host} sent a body that is cut or malformed")
    sentence = _SENTENCES[error_class].format(host=target.host)
    is_clear = error_class in {ErrorClass.REFUSED_ADDRESS, ErrorClass.TIMEOUT}
    return fail(error_class, sentence if is_clear else f"{sentence} ({_read_message(cause)})")


def _read_message(exc: BaseException) -> str:
    """The exception's first line; in the following lines aiohttp quotes the server's bytes."""
    if isinstance(exc, OSError) and exc.strerror:
        return clean_sentence(exc.strerror)
    message = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    return clean_sentence(message.partition("\n")[0].rstrip(": ") or type(exc).__name__)
