"""The filters of the first page: parsed from the query of its url, and written back to one."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

MAX_LENGTH = 200
ONCE = "once"
SCOPES = ("inbound", "outbound", "domestic", "hkmo", "crossstrait")


class FilterError(ValueError):
    """A filter has no valid value; the message is one sentence for the reader of the page."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last article of the previous page; pages run from the newest article to the oldest."""

    first_seen_at: datetime
    article_key: int

    def __str__(self) -> str:
        return f"{self.first_seen_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{self.article_key}"


@dataclass(frozen=True, slots=True)
class Filters:
    """None means "any"; `day` is a UTC day of first_seen_at, as in the daily marts."""

    topic: str | None = None
    scope: str | None = None
    outlet: str | None = None
    language: str | None = None
    day: date | None = None
    batch: str | None = None
    copies: str | None = None
    """`once`: of articles with the same text, only the origin."""
    before: Cursor | None = None

    @property
    def is_narrowed(self) -> bool:
        return replace(self, before=None) != Filters()

    @property
    def day_begins(self) -> datetime | None:
        return None if self.day is None else datetime.combine(self.day, datetime.min.time(), UTC)

    @property
    def day_ends(self) -> datetime | None:
        begins = self.day_begins
        return None if begins is None else begins + timedelta(days=1)

    def to_query(self, **changes: Any) -> str:
        """`?topic=ai&…` with these `changes`; empty if no filter is set."""
        changed = replace(self, **changes)
        values = {item.name: getattr(changed, item.name) for item in fields(changed)}
        given = {name: str(value) for name, value in values.items() if value is not None}
        return f"?{urlencode(given)}" if given else ""


def parse_filters(query: Mapping[str, str]) -> Filters:
    """The filters in a url's query; unknown names and empty values are ignored.

    Raises FilterError.
    """
    given = {name: value.strip() for name, value in query.items() if value.strip()}
    texts = {name: given.get(name) for name in ("topic", "scope", "outlet", "language", "batch")}
    for name, value in texts.items():
        if value and (len(value) > MAX_LENGTH or "\0" in value):
            raise FilterError(f"The {name} is not one that exists.")
    if given.get("copies", ONCE) != ONCE:
        raise FilterError(f"The only value of copies is copies={ONCE}: show each text once.")
    return Filters(
        **texts,
        day=_parse_day(given["day"]) if "day" in given else None,
        copies=given.get("copies"),
        before=_parse_cursor(given["before"]) if "before" in given else None,
    )


def _parse_day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        day = date.min
    if not date(1970, 1, 1) <= day < date(9999, 12, 31):
        raise FilterError("The day must be a date such as 2026-11-23.")
    return day


def _parse_cursor(text: str) -> Cursor:
    when, _, key = text.partition("-")
    try:
        at = datetime.strptime(when, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)
        number = int(key) if len(key) < MAX_LENGTH else -1
    except ValueError:
        number = -1
    if not 0 <= number < 2**63:
        raise FilterError("The page to go on from does not exist.")
    return Cursor(at, number)
