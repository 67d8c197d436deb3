"""Resolve the url of an entry and bring it into the canonical form that identifies its article.

Pure string operations. Only parts that cannot select another document are changed; nothing is
percent-decoded.
"""

import re
from urllib.parse import urljoin

_PARTS = re.compile(r"(?s)([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?\Z")
"""RFC 3986 appendix B, for absolute urls."""

_TRACKING = re.compile(r"(?:utm_|at_|ns_).*|cmp|fbclid|gclid|ito|smid|ref", re.IGNORECASE)
_SCHEMES = ("http", "https")
_NO_PORT = {"http": re.compile(r"(?:\s|(?:08)?:)*"), "https": re.compile(r"(?:\s|(?:344)?:)*")}
"""Empty and default ports, with blanks, at the start of a reversed host. A search at the end of the
host would be quadratic in the length of a hostile one."""
_DROPPED = str.maketrans("", "", "\t\r\n")
"""What browsers remove inside a url (WHATWG URL §4.4)."""


def resolve_url(base: str | None, url: str) -> str:
    """`url`, joined to `base` if `url` is relative and there is a base; else unchanged."""
    if not url or not base or _PARTS.match(url):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def canonicalize_url(url: str | None) -> str | None:
    """The url that identifies an article; None if `url` is not absolute http(s).

    Scheme and host become lower case; default port, fragment and known tracking parameters are
    removed. All else stays, also the order of parameters.
    """
    parts = _PARTS.match(url.strip().translate(_DROPPED)) if url else None
    if parts is None:
        return None
    scheme, authority, path, query, _ = parts.groups(default="")
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        return None
    userinfo, at, host = authority.rpartition("@")
    host = _NO_PORT[scheme].sub("", host[::-1], count=1)[::-1].lower()
    if not host:
        return None
    # without its fragment the url may end in blanks
    return f"{scheme}://{userinfo}{at}{host}{path}{_drop_tracking(query)}".rstrip()


def _drop_tracking(query: str) -> str:
    if len(query) < 2:  # a lone question mark stays, as published
        return query
    pairs = query[1:].split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
    return query if len(kept) == len(pairs) else "?" + "&".join(kept) if kept else ""
