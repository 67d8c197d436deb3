"""How long a feed asks to be left alone. Pure."""

from typing import Any

_PERIODS = {
    "hourly": 3600,
    "daily": 86400,
    "weekly": 604800,
    "monthly": 2592000,
    "yearly": 31536000,
}


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
