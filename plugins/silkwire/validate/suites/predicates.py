"""Questions about one text or url of an entry, and how a value is shown. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import urlsplit

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
"""Control characters except tab and line ends, surrogates, and Unicode's noncharacters."""
# A separate pattern: one class of both, or an alternation, is ten times as slow to search.
_BEYOND = re.compile(
    "[" + "".join(f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}"
                  for plane in range(0x10000, 0x110000, 0x10000)) + "]"
)  # fmt: skip
"""The noncharacters of the planes beyond the first."""

_PLAIN_WEB_URL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?:[/?#][\x21-\x7e]*)?", re.IGNORECASE
)
_LOGIN = re.compile(r"[a-z][a-z0-9+.-]*:[/\\]{2,}[^/?#\\]*@", re.IGNORECASE)
_FORBIDDEN = re.compile(r": holds (\d+) forbidden character")
MAX_VALUE_LENGTH = 200


def is_blank(text: str) -> bool:
    """Whether `text` is white space, control and formatting characters only."""
    if text.isascii():
        return not text.strip()
    return all(unicodedata.category(c)[0] in "ZC" for c in text)


def says_something(text: str) -> bool:
    """Whether `text` holds a letter, a digit or a pictogram, and not punctuation alone."""
    return any(c.isalnum() or unicodedata.category(c) in {"So", "Sc"} for c in text)


def is_web_url(url: str) -> bool:
    """Whether `url` is absolute, http or https, and has a host and a port that can exist.

    Spaces within the path are allowed: browsers accept them, and publishers send them.
    """
    if _PLAIN_WEB_URL.fullmatch(url):
        return True
    if url != url.strip() or find_control_character(url) or "\n" in url or "\t" in url:
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    is_host = any(c.isalnum() for c in host) and not any(c.isspace() for c in host)
    return parts.scheme.lower() in {"http", "https"} and is_host and port != 0


def is_without_login(url: str) -> bool:
    """Whether `url` names no user before its host: `http://bank.example@evil.example/` does."""
    return "@" not in url or _LOGIN.match(url) is None


def find_control_character(text: str) -> str | None:
    """The first character that no plain text holds, as `U+0007 at 12`, or None."""
    if text.isprintable():
        return None
    found = _CONTROL.search(text)
    if found is None and len(text.encode("utf-16-le")) > 2 * len(text):
        found = _BEYOND.search(text)
    return None if found is None else f"U+{ord(found[0]):04X} at {found.start()}"


def count_replaced(field: str, text: str, problems: Iterable[str]) -> int:
    """How many characters of `text` the parser replaced by U+FFFD, at most.

    The parser notes `field: holds 2 forbidden characters` in `problems`. It may have dropped some
    of these, and the publisher may have written U+FFFD, so the smaller number counts.
    """
    for problem in problems:
        if problem.startswith(f"{field}:") and (noted := _FORBIDDEN.search(problem)):
            return min(int(noted[1]), text.count("\ufffd"))
    return 0


def show_value(value: object) -> str | None:
    """`value` as one printable line; cut with a mark after MAX_VALUE_LENGTH characters."""
    if value is None or value != value:  # noqa: PLR0124  NaN is the frame's NULL
        return None
    text = f"{value:.15g}" if isinstance(value, float) else str(value)
    shown = text[:MAX_VALUE_LENGTH]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else _escape(c) for c in shown)
    return shown if len(text) <= MAX_VALUE_LENGTH else f"{shown}… ({len(text):,} characters)"


def _escape(char: str) -> str:
    return char.encode("unicode_escape", "backslashreplace").decode("ascii")
