"""Decide what a response means for its feed (RFC 9110 §15, RFC 9111 §4). Pure."""

from dataclasses import dataclass
from datetime import datetime

from silkwire.fetch.body import ReceivedBody
from silkwire.fetch.client import Response
from silkwire.fetch.headers import clean_header, parse_max_age, parse_retry_after
from silkwire.model import ErrorClass, FetchOutcome, PlannedFeed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_NOT_MODIFIED, _PARTIAL = 304, 206
_ERROR_CLASSES = {
    410: ErrorClass.GONE,  # RFC 9110 §15.5.11
    429: ErrorClass.RATE_LIMITED,  # RFC 6585 §4
}
_ERROR_CLASSES_BY_HUNDRED = {4: ErrorClass.CLIENT_ERROR, 5: ErrorClass.SERVER_ERROR}
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


def is_success(status: int) -> bool:
    return 200 <= status < 300 and status != _PARTIAL  # noqa: PLR2004 - RFC 9110 §15.3


def decide_outcome(
    response: Response, body: ReceivedBody, feed: PlannedFeed, now: datetime
) -> Outcome:
    """The outcome of a complete response that is no redirect."""
    headers, status = response.headers, response.status
    etag = clean_header(headers.get("ETag"))
    last_modified = clean_header(headers.get("Last-Modified"))
    max_age_s = parse_max_age(headers, now)
    if status == _NOT_MODIFIED and (feed.etag or feed.last_modified):
        # New validators replace the stored ones; missing ones leave them (RFC 9111 §4.3.4).
        etag, last_modified = etag or feed.etag, last_modified or feed.last_modified
        kind = FetchOutcome.NOT_MODIFIED
    elif not is_success(status):
        retry_after = headers.get("Retry-After") if status in _RETRY_AFTER_STATUSES else None
        sentence = clean_sentence(f"the server answered {status} {response.reason or ''}")
        return fail(_classify_status(status), sentence, parse_retry_after(retry_after, now))
    elif body.coding_error:
        return fail(ErrorClass.BAD_ENCODING, body.coding_error)
    elif body.is_blank:
        return fail(ErrorClass.EMPTY_BODY, "the body is empty")
    elif body.body_hash == feed.body_hash:
        kind = FetchOutcome.UNCHANGED_BODY
    else:
        kind = FetchOutcome.NEW
    return Outcome(kind, None, None, etag, last_modified, max_age_s)


def _classify_status(status: int) -> ErrorClass:
    by_hundred = _ERROR_CLASSES_BY_HUNDRED.get(status // 100, ErrorClass.PROTOCOL)
    return _ERROR_CLASSES.get(status, by_hundred)


def clean_sentence(text: str) -> str:
    """`text` as one printable line of bounded length: servers choose parts of it."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_SENTENCE else line[: _MAX_SENTENCE - 1] + "…"
