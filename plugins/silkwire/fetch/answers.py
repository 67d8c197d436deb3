"""What an answer means for its feed: pure decisions (RFC 9110 §15, RFC 9111 §4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from silkwire.fetch.bodies import ReceivedBody
from silkwire.fetch.failures import Failure, explain_status
from silkwire.fetch.headers import clean_header, parse_max_age, parse_retry_after
from silkwire.model import ErrorClass, FetchOutcome, PlannedFeed

REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PAUSES = frozenset({429, 503})
_NOT_MODIFIED, _PARTIAL = 304, 206


@dataclass(frozen=True, slots=True)
class Judgement:
    """How the attempt ended, and what to remember of the answer."""

    outcome: FetchOutcome
    failure: Failure | None = None
    etag: str | None = None
    last_modified: str | None = None
    max_age_s: int | None = None
    retry_after_s: int | None = None

    @classmethod
    def fail(cls, failure: Failure, retry_after_s: int | None = None) -> "Judgement":
        return cls(FetchOutcome.FAILED, failure, retry_after_s=retry_after_s)


def is_success(status: int) -> bool:
    return 200 <= status < 300 and status != _PARTIAL  # noqa: PLR2004 - RFC 9110 §15.3


def judge_answer(
    status: int,
    reason: str | None,
    headers: Mapping[str, str],
    *,
    body: ReceivedBody,
    feed: PlannedFeed,
    now: datetime,
) -> Judgement:
    """The judgement on a whole answer that is no redirect."""
    failure = _find_failure(status, reason, body, feed)
    if failure is not None:
        retry_after = headers.get("Retry-After") if status in _PAUSES else None
        return Judgement.fail(failure, parse_retry_after(retry_after, now))
    etag = clean_header(headers.get("ETag"))
    last_modified = clean_header(headers.get("Last-Modified"))
    max_age_s = parse_max_age(headers, now)
    if status == _NOT_MODIFIED:
        # New validators renew the old ones (RFC 9111 §4.3.4); none leaves them standing.
        etag, last_modified = etag or feed.etag, last_modified or feed.last_modified
        return Judgement(FetchOutcome.NOT_MODIFIED, None, etag, last_modified, max_age_s)
    is_same = body.body_hash == feed.body_hash
    outcome = FetchOutcome.UNCHANGED_BODY if is_same else FetchOutcome.NEW
    return Judgement(outcome, None, etag, last_modified, max_age_s)


def _find_failure(
    status: int, reason: str | None, body: ReceivedBody, feed: PlannedFeed
) -> Failure | None:
    if status == _NOT_MODIFIED and (feed.etag or feed.last_modified):
        return None
    if not is_success(status):
        return explain_status(status, reason)
    if body.coding_error:
        return Failure(ErrorClass.BAD_ENCODING, body.coding_error)
    if body.is_blank:
        return Failure(ErrorClass.EMPTY_BODY, "the body is empty")
    return None
