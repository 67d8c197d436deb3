"""Check a feed's url, and separate the credential that a listed url may hold. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

MAX_URL_LENGTH = 2_000
"""In bytes. A key in a B-tree of PostgreSQL has at most 2,704 bytes."""
_FORBIDDEN = re.compile(r"""[\s\x00-\x1f\x7f\\<>"]""")
"""`urlsplit` silently drops tabs and line breaks; browsers read a backslash as a slash."""


class FeedUrlError(ValueError):
    """A url cannot be a feed's. The message does not hold it, since it may hold a password."""


@dataclass(frozen=True, slots=True)
class SplitFeedUrl:
    """A listed url, separated into url and credential."""

    feed_url: str
    """As listed, without user and password."""
    credential: str | None
    """`user:password`, percent-decoded (RFC 7617 §2)."""


def split_feed_url(listed_url: str) -> SplitFeedUrl:
    """Separate the credential from a listed url. Raises FeedUrlError, which says what is wrong."""
    url = listed_url.strip()
    if not url:
        raise FeedUrlError("the url is empty")
    if len(url.encode()) > MAX_URL_LENGTH:
        raise FeedUrlError(f"the url is longer than {MAX_URL_LENGTH} bytes")
    if _FORBIDDEN.search(url):
        raise FeedUrlError("the url holds white space or a forbidden character")
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError if it is not a port
    except ValueError as exc:
        raise FeedUrlError("the url cannot be read (host or port)") from exc
    if parts.scheme.lower() not in ("http", "https"):
        raise FeedUrlError("the url must begin with http:// or https://")
    if not parts.hostname:
        raise FeedUrlError("the url has no host")
    userinfo, at, host = parts.netloc.rpartition("@")
    if not at:
        return SplitFeedUrl(url, None)
    return SplitFeedUrl(parts._replace(netloc=host).geturl(), _decode_userinfo(userinfo))


def join_credential(feed_url: str, credential: str | None) -> str:
    """The inverse of `split_feed_url`."""
    if credential is None:
        return feed_url
    user, _, password = credential.partition(":")
    parts = urlsplit(feed_url)
    netloc = f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}"
    return parts._replace(netloc=netloc).geturl()


def host_of(url: str) -> str:
    """The host in lower case, without port; empty if there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def name_outlet_after_host(url: str) -> str:
    """The name of an outlet that the list does not name: the host without `www.`."""
    return host_of(url).removeprefix("www.")


def fold_url(url: str) -> str:
    """The url in one spelling: scheme and host in lower case, no default port, no fragment, and
    the path `/` if there is none."""
    parts = urlsplit(url)
    default_port = {"http": 80, "https": 443}[parts.scheme.lower()]
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    folded = SplitResult(
        parts.scheme.lower(), host_of(url) + port, parts.path or "/", parts.query, ""
    )
    return folded.geturl()


def is_same_site(listed_url: str, fetch_url: str) -> bool:
    """Whether the credential of `listed_url` may be sent to `fetch_url`.

    It may not go to another host or port, or from https to http.
    """
    listed, fetched = urlsplit(listed_url), urlsplit(fetch_url)
    if host_of(listed_url) != host_of(fetch_url):
        return False
    if (listed.scheme, fetched.scheme) == ("http", "https"):
        return listed.port in (None, 80) and fetched.port in (None, 443)
    return listed.scheme == fetched.scheme and listed.port == fetched.port


def _decode_userinfo(userinfo: str) -> str | None:
    user, colon, password = userinfo.partition(":")
    if not user and not password:
        return None
    if ":" in unquote(user):
        raise FeedUrlError("the user name holds a colon (RFC 7617 §2)")
    return f"{unquote(user)}:{unquote(password)}" if colon else f"{unquote(user)}:"
