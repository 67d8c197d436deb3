"""Fill the placeholders in the demo's feeds when they are served, so that their dates stay recent.

`{{iso 90m ago}}`, `{{rfc822 3h ago}}`, `{{rfc822+0800 2d ago}}` (in that zone), `{{local 3h ago}}`
(no zone), `{{rfc822 built}}` (when the document was made), `{{control 0B}}` (a control
character, which an editor might remove).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_PLACEHOLDER = re.compile(
    r"\{\{(?:control (?P<char>[0-9A-F]{2})"
    r"|(?P<form>rfc822|iso|local)(?P<zone>[+-]\d{4})? "
    r"(?:(?P<count>\d+)(?P<unit>[mhd]) ago|(?P<built>built)))\}\}"
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def fill_placeholders(text: str, *, now: datetime, built: datetime) -> str:
    """`text` with every placeholder filled. Raises ValueError for an unknown placeholder."""
    filled = _PLACEHOLDER.sub(lambda match: _fill(match, now, built), text)
    if "{{" in filled:
        start = filled.index("{{")
        raise ValueError(f"not a placeholder: {filled[start : start + 40]}")
    return filled


def _fill(match: re.Match[str], now: datetime, built: datetime) -> str:
    if match["char"]:
        return chr(int(match["char"], 16))
    age = timedelta(**{_UNITS[match["unit"]]: int(match["count"])}) if match["count"] else None
    zone = datetime.strptime(match["zone"], "%z").tzinfo if match["zone"] else UTC
    instant = built if age is None else now - age
    return _FORMS[match["form"]](instant.astimezone(zone))


def format_rfc822(instant: datetime) -> str:
    return format_datetime(instant, usegmt=not instant.utcoffset())


_FORMS: dict[str, Callable[[datetime], str]] = {
    "rfc822": format_rfc822,
    "iso": lambda instant: instant.isoformat(timespec="seconds"),
    "local": lambda instant: instant.strftime("%Y-%m-%d %H:%M:%S"),
}
