"""How often a feed asks to be polled (`ttl`, `sy:updatePeriod`, `skipHours`, `skipDays`). Pure."""

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
    """Seconds from `ttl` (minutes, RSS 2.0) or else `sy:updatePeriod`; None without either."""
    if minutes := _read_number(feed.get("ttl")):
        return min(minutes * 60, _PERIODS["yearly"])
    period = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    if period is None:
        return None
    return period // max(1, _read_number(feed.get("sy_updatefrequency")) or 1)


def read_skips(root: etree._Element) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hours (0 to 23, UTC) and days (1 to 7, Monday first) not to poll (RSS 2.0).

    The hour 24 of RSS 0.91 is midnight.
    """
    channel = next((child for child in root if _name(child) == "channel"), root)
    hours = {
        number % 24
        for text in _read_texts(channel, "skipHours", "hour")
        if (number := _read_number(text)) is not None and number <= 24
    }
    days = {
        _DAYS.index(name) + 1
        for text in _read_texts(channel, "skipDays", "day")
        if (name := text.strip().lower()) in _DAYS
    }
    return tuple(sorted(hours)), tuple(sorted(days))


def _read_texts(channel: etree._Element, parent: str, name: str) -> list[str]:
    return [
        str(child.text or "")
        for skip in channel.iterchildren(f"{{*}}{parent}", f"{{*}}{parent.lower()}")
        for child in skip
        if _name(child) == name
    ]


def _read_number(value: Any) -> int | None:
    text = str(value or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


def _name(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2].rpartition(":")[2].lower()
