"""Parse the url of a request once, so that the host shown, checked and connected to is the same.

Urls are read as browsers read them (WHATWG URL Standard), since redirects are written for browsers.
"""

import ipaddress
import re
import socket
from dataclasses import dataclass
from urllib.parse import quote, unquote, urljoin, urlsplit

import idna

_PORTS = {"http": 80, "https": 443}
_LEGAL = "!#$%&'()*+,-./:;=?@[]_~"
"""Characters that are left unquoted, as letters and digits are, so that signed urls stay valid."""
_FORBIDDEN_IN_HOST = re.compile(r"[\0-\x20\x7f#%/:<>?@\[\\\]^|]")
_CONTROL = re.compile(r"[\0-\x1f\x7f]")
_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
_MAX_URL = 8_000


class RefusedUrlError(ValueError):
    """The url is not requested; the message is one sentence without credentials."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes; `url` is ASCII and holds neither credentials nor a fragment."""

    url: str
    scheme: str
    host: str
    """Lower-case ASCII; a number in any notation is written as an IPv4 address."""
    port: int
    credentials: str | None = None
    """`user:password` from the url, decoded."""

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port


def parse_target(url: str) -> Target:
    """Read an absolute url. Raises RefusedUrlError for all but http and https."""
    if len(url) > _MAX_URL:
        raise RefusedUrlError(f"the url is longer than {_MAX_URL:,} characters")
    text = _normalize_slashes(url)
    if _CONTROL.search(text):
        raise RefusedUrlError("the url holds control characters")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError as exc:
        raise RefusedUrlError("the url is malformed") from exc
    if parts.scheme not in _PORTS:
        raise RefusedUrlError(f"the scheme {parts.scheme[:20]!r} is not http or https")
    if not host:
        raise RefusedUrlError("the url has no host")
    host = _normalize_host(host)
    port = _PORTS[parts.scheme] if port is None else port
    authority = f"[{host}]" if ":" in host else host
    if port != _PORTS[parts.scheme]:
        authority += f":{port}"
    path = _quote(parts.path) or "/"
    query = f"?{_quote(parts.query)}" if parts.query else ""
    credentials = None
    if parts.username is not None:
        credentials = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    normalized = f"{parts.scheme}://{authority}{path}{query}"
    return Target(normalized, parts.scheme, host, port, credentials)


def resolve_location(base: Target, location: str) -> Target:
    """The url that a redirect leads to (RFC 9110 §10.2.2). Raises RefusedUrlError."""
    try:
        url = urljoin(base.url, _normalize_slashes(location))
    except ValueError as exc:
        raise RefusedUrlError("the redirect's url is malformed") from exc
    return parse_target(url)


def _normalize_slashes(url: str) -> str:
    """Trim, and turn backslashes before the query into slashes: `http://good\\@evil` is at good."""
    url = re.sub(r"[\t\r\n]", "", url.strip())
    end = min((at for mark in "?#" if (at := url.find(mark)) >= 0), default=len(url))
    return url[:end].replace("\\", "/") + url[end:]


def _normalize_host(host: str) -> str:
    if ":" in host:
        try:
            if "%" in host:  # a zone is local to one machine (RFC 6874 §1)
                raise ValueError(host)
            return str(ipaddress.IPv6Address(host))
        except ValueError as exc:
            raise RefusedUrlError("the url's IPv6 address is malformed") from exc
    name = unquote(host).lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii").lower()
        except (idna.IDNAError, UnicodeError) as exc:
            raise RefusedUrlError("the url's host is not a name (IDNA)") from exc
    if not name.strip(".") or _FORBIDDEN_IN_HOST.search(name):
        raise RefusedUrlError("the url's host is malformed")
    return _normalize_number(name)


def _normalize_number(name: str) -> str:
    """Write 2130706433, 0x7f.1 and 127.1 as 127.0.0.1 (URL Standard, IPv4 parser)."""
    if not _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        return name
    try:
        return str(ipaddress.IPv4Address(socket.inet_aton(name.rstrip("."))))
    except OSError as exc:
        raise RefusedUrlError("the url's numeric host is malformed") from exc


def _quote(text: str) -> str:
    return quote(text.encode("utf-8", "surrogateescape"), safe=_LEGAL)
