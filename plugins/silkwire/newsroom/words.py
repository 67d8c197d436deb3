"""How pages word times, counts and names."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from silkwire.topics import DEDICATED_FEED

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
_TOPICS = {"ai": "AI", "china_travel": "China travel"}
_FACTORS = {
    "bias": "the score that every text starts with",
    "rules": "the rules below, weighted by the model",
    "certain_rule": "a certain rule overrides the model",
    DEDICATED_FEED: "the feed list dedicates this feed to the topic",
    "model": "words and patterns that the model learned",
}
_SCOPES = {
    "inbound": "to China",
    "outbound": "from China",
    "domestic": "within China",
    "hkmo": "Hong Kong, Macao",
    "crossstrait": "across the strait",
}


def describe_topic(topic: str) -> str:
    """The topic's name on pages; the name in the rules if no other is given here."""
    return _TOPICS.get(topic, topic.replace("_", " "))


def describe_scope(scope: str) -> str:
    return _SCOPES.get(scope, scope)


def describe_field(field: str) -> str:
    return {"title": "Headline", "summary": "Summary", "body": "Text"}.get(field, field)


def describe_factor(name: str) -> str:
    return _FACTORS.get(name, name.replace("_", " "))


def format_weight(weight: float) -> str:
    """`+1.50`, `−0.25`."""
    return f"{weight:+.2f}".replace("-", "−")


def describe_delay(delay: timedelta) -> str:
    """How much later than the origin: `+12 min`, `+5 h`, `+3 days`."""
    return f"+{_describe_span(delay)}" if delay >= _MINUTE else "same minute"


def format_time(at: datetime | None, form: str = "%Y-%m-%d %H:%M") -> str:
    """In UTC; a dash for an unknown time."""
    return "–" if at is None else at.astimezone(UTC).strftime(form)


def describe_age(at: datetime | None, now: datetime) -> str:
    """`5 min ago`; a time in the future (clocks differ) is `just now`."""
    if at is None:
        return "never"
    return f"{_describe_span(now - at)} ago" if now - at >= _MINUTE else "just now"


def _describe_span(span: timedelta) -> str:
    if span < 2 * _HOUR:
        return f"{span // _MINUTE} min"
    return f"{span // _HOUR} h" if span < 2 * _DAY else f"{span // _DAY} days"


def count_noun(count: int, noun: str) -> str:
    """`1 edit`, `1,200 edits`."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def is_web_url(url: str | None) -> bool:
    """Whether a page may link to it: feeds also contain `javascript:` and worse."""
    try:
        return url is not None and urlsplit(url).scheme.lower() in ("http", "https")
    except ValueError:
        return False
