"""What a feed's url may look like, and what is not part of its name: the credentials. Pure."""

import re
from dataclasses import dataclass
from urllib.parse import SplitResult, quote, unquote, urlsplit

MAX_URL_LENGTH = 2_000
"""A key of PostgreSQL's B-trees ends at 2,704 bytes."""
_FORBIDDEN = re.compile(r"""[\s\x00-\x1f\x7f\\<>"]""")


class FeedUrlError(ValueError):
    """Why a url cannot be a feed's; the message never repeats the url, which may hold a secret."""


@dataclass(frozen=True, slots=True)
class SplitFeedUrl:
    """A listed url as two values, so that the credential travels alone."""

    feed_url: str
    """Without user and password; otherwise as listed."""
    credential: str | None
    """`user:password`, percent-decoded, as RFC 7617 §2 wants it."""


def split_feed_url(listed_url: str) -> SplitFeedUrl:
    """Take the credential out of a listed url. Raises FeedUrlError, saying what is wrong."""
    url = listed_url.strip()
    _refuse_unfit(url)
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018 - raises ValueError where it is no port
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
    """Host in lower case without port; empty where there is none."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".")
    except ValueError:
        return ""


def name_outlet_after_host(url: str) -> str:
    """What to call an outlet that the list does not name: its host, without `www.`."""
    return host_of(url).removeprefix("www.")


def fold_url(url: str) -> str:
    """The same for two spellings of one address: case of scheme and host, default port, `/`."""
    parts = urlsplit(url)
    default_port = {"http": 80, "https": 443}[parts.scheme.lower()]
    port = "" if parts.port in (None, default_port) else f":{parts.port}"
    folded = SplitResult(
        parts.scheme.lower(), host_of(url) + port, parts.path or "/", parts.query, ""
    )
    return folded.geturl()


def is_same_site(listed_url: str, fetch_url: str) -> bool:
    """Whether a credential listed for one may be sent to the other: never to another host, port,
    or from https to http."""
    listed, fetched = urlsplit(listed_url), urlsplit(fetch_url)
    if host_of(listed_url) != host_of(fetch_url):
        return False
    if (listed.scheme, fetched.scheme) == ("http", "https"):
        return listed.port in (None, 80) and fetched.port in (None, 443)
    return listed.scheme == fetched.scheme and listed.port == fetched.port


def _refuse_unfit(url: str) -> None:
    # urlsplit drops tabs and line breaks in silence, browsers read a backslash as a slash.
    if not url:
        raise FeedUrlError("the url is empty")
    if len(url.encode()) > MAX_URL_LENGTH:
        raise FeedUrlError(f"the url is longer than {MAX_URL_LENGTH} bytes")
    if _FORBIDDEN.search(url):
        raise FeedUrlError("the url holds white space or a forbidden character")


def _decode_userinfo(userinfo: str) -> str | None:
    user, colon, password = userinfo.partition(":")
    if not user and not password:
        return None
    if ":" in unquote(user):
        raise FeedUrlError("the user name holds a colon (RFC 7617 §2)")
    return f"{unquote(user)}:{unquote(password)}" if colon else f"{unquote(user)}:"
