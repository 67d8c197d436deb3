"""Placeholders in the demo's feeds, filled when they are served, so that their dates never rot.

`{{iso 90m ago}}`, `{{rfc822 3h ago}}`, `{{rfc822+0800 2d ago}}` (in that zone), `{{local 3h ago}}`
(no zone), `{{rfc822 built}}` (when the document was made), `{{control 0B}}` (a character that an
editor would not keep).
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

_PLACEHOLDER = re.compile(
    r"\{\{(?:control (?P<char>[0-9A-F]{2})"
    r"|(?P<form>rfc822|iso|local)(?P<zone>[+-]\d{4})? "
    r"(?:(?P<count>\d+)(?P<unit>[mhd]) ago|(?P<built>built)))\}\}"
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
# English names whatever the locale is (RFC 822 §5.1), which strftime does not promise.
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fill_placeholders(text: str, *, now: datetime, built: datetime) -> str:
    """`text` with every placeholder filled. Raises ValueError for one that is not known."""
    filled = _PLACEHOLDER.sub(lambda match: _fill(match, now, built), text)
    if "{{" in filled:
        start = filled.index("{{")
        raise ValueError(f"not a placeholder: {filled[start : start + 40]}")
    return filled


def _fill(match: re.Match[str], now: datetime, built: datetime) -> str:
    if match["char"]:
        return chr(int(match["char"], 16))
    age = timedelta(**{_UNITS[match["unit"]]: int(match["count"])}) if match["count"] else None
    return _FORMS[match["form"]](_in_zone(built if age is None else now - age, match["zone"]))


def _in_zone(instant: datetime, zone: str | None) -> datetime:
    if zone is None:
        return instant.astimezone(UTC)
    sign = -1 if zone[0] == "-" else 1
    offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
    return instant.astimezone(timezone(sign * offset))


def format_rfc822(instant: datetime) -> str:
    day, month = _DAYS[instant.weekday()], _MONTHS[instant.month - 1]
    zone = instant.strftime("%z") if instant.utcoffset() else "GMT"
    return f"{day}, {instant.day:02} {month} {instant:%Y %H:%M:%S} {zone}"


_FORMS: dict[str, Callable[[datetime], str]] = {
    "rfc822": format_rfc822,
    "iso": lambda instant: instant.isoformat(timespec="seconds"),
    "local": lambda instant: instant.strftime("%Y-%m-%d %H:%M:%S"),
}
