"""How long, and when, a feed asks to be left alone. Pure."""

from typing import Any

from lxml import etree

_PERIODS = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 604800,
    "monthly": 2592000,
    "yearly": 31536000,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def read_ttl(feed: dict[str, Any]) -> int | None:
    """Seconds from `ttl` (RSS 2.0: minutes) or `sy:updatePeriod`; None if unsaid."""
    minutes = _read_number(feed.get("ttl"))
    if minutes:
        return min(minutes * 60, _PERIODS["yearly"])
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if period is None:
        return None
    return period // max(1, _read_number(feed.get("sy_updatefrequency")) or 1)


def _read_number(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def read_skips(root: etree._Element) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The hours (0 to 23, in UTC) and days (1 to 7, Monday first) at which not to ask.

    RSS 2.0, skipHours and skipDays; the 24 of RSS 0.91 is midnight too.
    """
    named = (child for child in root if _name(child) == "channel")
    channel = next(named, root)
    hours: set[int] = set()
    days: set[int] = set()
    for skip in channel.iterchildren("{*}skipHours", "{*}skiphours"):
        numbers = [_read_number(child.text) for child in skip if _name(child) == "hour"]
        hours |= {number % 24 for number in numbers if number is not None and number <= 24}
    for skip in channel.iterchildren("{*}skipDays", "{*}skipdays"):
        names = [str(child.text or "").strip().lower() for child in skip if _name(child) == "day"]
        days |= {_DAYS.index(name) + 1 for name in names if name in _DAYS}
    return tuple(sorted(hours)), tuple(sorted(days))


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
