"""Build request headers, and read response headers. Pure."""

import base64
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from silkwire import __version__
from silkwire.fetch.urls import Target
from silkwire.model import PlannedFeed

_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_STORABLE = re.compile(r"[\t -~]{1,2000}")


def build_request_headers(
    target: Target, feed: PlannedFeed, *, contact: str, credentials: str | None
) -> dict[str, str]:
    """The headers of one request; validators exactly as the server sent them (RFC 9110 §13.1)."""
    headers = {
        "Host": urlsplit(target.url).netloc,
        "User-Agent": f"silkwire/{__version__} (+{contact})",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Connection": "close",
    }
    if etag := clean_header(feed.etag):
        headers["If-None-Match"] = etag
    if last_modified := clean_header(feed.last_modified):
        headers["If-Modified-Since"] = last_modified
    if credentials is not None:
        token = base64.b64encode(credentials.encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    return headers


def clean_header(value: str | None) -> str | None:
    """`value` if it can be stored and sent back as a header, else None."""
    return value if value and _STORABLE.fullmatch(value) else None


def parse_retry_after(value: str | None, now: datetime) -> int | None:
    """Seconds to wait (RFC 9110 §10.2.3), at most a day; None without a readable value."""
    if match := re.fullmatch(r"\s*(\d+)\s*", value or "", re.ASCII):
        return min(int(match[1][:12]), _DAY_S)
    return _count_seconds(now, _parse_date(value), _DAY_S)


def parse_max_age(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds for which the response stays fresh (RFC 9111 §4.2.1), at most a year, or None."""
    control = headers.get("Cache-Control", "").lower()
    if re.search(r"\bno-(?:store|cache)\b", control):
        return None
    if match := re.search(r'(?:^|[,\s])max-age\s*=\s*"?(\d+)', control, re.ASCII):
        return min(int(match[1][:12]), _YEAR_S)
    start = _parse_date(headers.get("Date")) or now
    return _count_seconds(start, _parse_date(headers.get("Expires")), _YEAR_S)


def _count_seconds(start: datetime, end: datetime | None, limit: int) -> int | None:
    return None if end is None else min(max(int((end - start).total_seconds()), 0), limit)


def _parse_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
