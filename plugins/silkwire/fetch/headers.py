"""What requests say and what answers mean: pure functions over HTTP heads."""

import base64
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlsplit

from silkwire import __version__
from silkwire.fetch.urls import Target
from silkwire.model import PlannedFeed

_DAY_S = 86_400
_YEAR_S = 365 * _DAY_S
_MIN_SECRET = 4
"""Shorter passwords are not looked for alone: they would be found everywhere."""
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/rdf+xml;q=0.9, "
    "application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, */*;q=0.1"
)
_HEADER_SAFE = re.compile(r"[\t -~]{1,2000}")


def build_request_headers(
    target: Target, feed: PlannedFeed, *, contact: str, credentials: str | None
) -> dict[str, str]:
    """The headers of one request; validators exactly as the server gave them (RFC 9110 §13.1)."""
    headers = {
        "Host": urlsplit(target.url).netloc,
        "User-Agent": f"silkwire/{__version__} (+{contact})",
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip, deflate, br, zstd",
        "Connection": "close",
    }
    if feed.etag and _HEADER_SAFE.fullmatch(feed.etag):
        headers["If-None-Match"] = feed.etag
    if feed.last_modified and _HEADER_SAFE.fullmatch(feed.last_modified):
        headers["If-Modified-Since"] = feed.last_modified
    if credentials is not None:
        token = base64.b64encode(credentials.encode()).decode()
        headers["Authorization"] = f"Basic {token}"
    return headers


def format_request_head(
    target: Target, headers: Mapping[str, str], credentials: str | None
) -> bytes:
    """Request line and headers as sent, the credentials left out, also from a redirect's url."""
    parts = urlsplit(target.url)
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"GET {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in headers.items() if name != "Authorization"]
    return redact("\r\n".join([*lines, "", ""]), credentials).encode("utf-8", "replace")


def format_response_head(
    status_line: str, raw_headers: Iterable[tuple[bytes, bytes]], credentials: str | None
) -> bytes:
    """Status line and headers as received, but for two things.

    The transfer encoding was removed from the body, so its header is renamed, as other archiving
    tools do; and a server that echoes our credentials does not get them into the archive.
    """
    lines = [status_line.encode("utf-8", "surrogateescape")]
    for name, value in raw_headers:
        is_transfer = name.lower() == b"transfer-encoding"
        lines.append((b"X-Archive-Orig-" if is_transfer else b"") + name + b": " + value)
    head = b"\r\n".join([*lines, b"", b""])
    for secret in list_secrets(credentials):
        head = head.replace(secret.encode(), b"***")
    return head


def list_secrets(credentials: str | None) -> list[str]:
    """Every form in which the credentials may be echoed, the longest first."""
    if credentials is None:
        return []
    password = credentials.partition(":")[2]
    forms = {credentials, *(quote(credentials, safe=safe) for safe in ("", ":", ":/"))}
    forms.add(base64.b64encode(credentials.encode()).decode())
    if len(password) >= _MIN_SECRET:
        forms |= {password, quote(password), quote(password, safe="")}
    return sorted(forms, key=len, reverse=True)


def redact(text: str, credentials: str | None) -> str:
    """`text` without the credentials."""
    for secret in list_secrets(credentials):
        text = text.replace(secret, "***")
    return text


def clean_header(value: str | None) -> str | None:
    """A header's value that can be stored and sent back; None if it is neither."""
    return value if value and _HEADER_SAFE.fullmatch(value) else None


def parse_retry_after(value: str | None, now: datetime) -> int | None:
    """Seconds to wait (RFC 9110 §10.2.3), at most a day; None without a readable value."""
    if value is None:
        return None
    if re.fullmatch(r"\s*\d+\s*", value, re.ASCII):
        return min(int(value.strip()[:12]), _DAY_S)
    seconds = _seconds_until(value, now)
    return None if seconds is None else min(max(seconds, 0), _DAY_S)


def parse_max_age(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds for which the answer stays fresh (RFC 9111 §4.2.1), at most a year; else None."""
    control = headers.get("Cache-Control", "").lower()
    if re.search(r"\bno-(?:store|cache)\b", control):
        return None
    if match := re.search(r'(?:^|[,\s])max-age\s*=\s*"?(\d+)', control, re.ASCII):
        return min(int(match[1][:12]), _YEAR_S)
    expires, date = headers.get("Expires"), headers.get("Date")
    seconds = _seconds_until(expires, _parse_date(date) or now) if expires else None
    return None if seconds is None else min(max(seconds, 0), _YEAR_S)


def _seconds_until(value: str, now: datetime) -> int | None:
    date = _parse_date(value)
    return None if date is None else int((date - now).total_seconds())


def _parse_date(value: str | None) -> datetime | None:
    try:
        date = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
