"""Urls of entries: the canonical form by which articles are told apart. Pure string work.

Nothing is looked up and nothing percent-decoded; only what provably does not choose another
document is changed.
"""

import re
from urllib.parse import urljoin

_PARTS = re.compile(r"(?s)([A-Za-z][A-Za-z0-9+.-]*):(?://([^/?#]*))?([^?#]*)(\?[^#]*)?(#.*)?\Z")
"""RFC 3986 appendix B, for absolute urls."""

_TRACKING = re.compile(r"(?:utm_|at_|ns_).*|cmp|fbclid|gclid|ito|smid|ref", re.IGNORECASE)
_SCHEMES = ("http", "https")
_NO_PORT = {"http": re.compile(r"(?:\s|(?:08)?:)*"), "https": re.compile(r"(?:\s|(?:344)?:)*")}
"""Empty and default ports, blanks among them, at the head of a host read backwards: in one pass,
since a search for them at its end would take the square of a hostile host's length."""

_DROPPED = str.maketrans("", "", "\t\r\n")
"""What every browser removes from inside a url (WHATWG URL §4.4)."""


def is_absolute(url: str) -> bool:
    """Whether `url` names its scheme."""
    return _PARTS.match(url) is not None


def resolve_url(base: str | None, url: str) -> str:
    """`url`, joined to `base` if it is relative and there is a base; else untouched."""
    if not url or not base or is_absolute(url):
        return url
    try:
        return urljoin(base, url)
    except ValueError:
        return url


def canonicalize_url(url: str | None) -> str | None:
    """The url by which an article is known; None if it is no absolute http(s) url.

    Scheme and host in lower case; default port, fragment and known tracking parameters gone; all
    else, the order of parameters too, unchanged.
    """
    parts = _PARTS.match(url.strip().translate(_DROPPED)) if url else None
    if parts is None:
        return None
    scheme, authority, path, query, _ = parts.groups(default="")
    scheme = scheme.lower()
    if scheme not in _SCHEMES:
        return None
    userinfo, at, host = authority.rpartition("@")
    host = _canonicalize_host(scheme, host)
    if not host:
        return None
    # what stood before a fragment that is gone may end in blanks
    return f"{scheme}://{userinfo}{at}{host}{path}{_drop_tracking(query)}".rstrip()


def _canonicalize_host(scheme: str, host: str) -> str:
    port = _NO_PORT[scheme].match(host[::-1])
    return host[: len(host) - (port.end() if port else 0)].lower()


def _drop_tracking(query: str) -> str:
    if len(query) < 2:  # a lone question mark is part of the url as published
        return query
    pairs = query[1:].split("&")
    kept = [pair for pair in pairs if not _TRACKING.fullmatch(pair.partition("=")[0])]
    return query if len(kept) == len(pairs) else "?" + "&".join(kept) if kept else ""
