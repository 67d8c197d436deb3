"""Parse the date of an entry, as its publisher wrote it, into an instant. Pure; no clock.

The table of known forms is `_FORMS`. A text without a definite day, time or zone gives None; day
and month are never guessed.
"""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from silkwire.parse.entry.date_names import AFTERNOON, MONTHS, MORNING, ZONES


@dataclass(frozen=True, slots=True)
class ParsedDate:
    """An instant in UTC, and how finely the text gave it: `second` or `minute`."""

    instant: datetime
    precision: str


_HALF = "|".join(re.escape(name) for name in sorted(AFTERNOON | MORNING, key=len, reverse=True))
_OFFSET = r"[+\-][ ]?\d{1,2}(?::?\d{2})?(?::\d{2})?"
_ZONE = rf"""(?:(?P<zone> (?: (?:GMT|UTC|UT) [ ]?)? {_OFFSET} | [^\W\d_]{{1,8}} )
             (?:[ ]? (?P<zone2> GMT|UTC|UT|Z | {_OFFSET} ) )? )"""
_TIME = rf"""(?: (?P<half1>{_HALF}) [ ]? )?
             (?P<hour>\d{{1,2}}) [ ]? (?: [:.時时点點시] [ ]? (?P<minute>\d{{1,2}}) [ ]?
               (?: [:分분] [ ]?
                 (?: (?P<second>\d{{1,2}}) (?:[.,](?P<fraction>\d+))? [ ]?[秒초]? )? )?
             ) (?: [ ]? (?P<half2>{_HALF}) (?!\w) )? """
_WORD = r"(?: [^\W\d_]+ (?: \.?,[ ]? | \.?[ ] ) )"
_MONTH = r"(?P<name>[^\W\d_][^\W\d]*(?:\.[^\W\d_]+\.)?)\.?"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_REST = rf"{_TIME} [ ]? {_ZONE}?"

_FORMS = tuple(
    re.compile(form, re.VERBOSE | re.IGNORECASE)
    for form in (
        # ISO 8601, RFC 3339 and variants: 2025-01-06T10:00:00+08:00, 2025/1/6 10:00 GMT
        rf"(?P<year>\d{{4}}) (?P<sep>[-/.]) (?P<month>\d{{1,2}}) (?P=sep) (?P<day>\d{{1,2}}) \.?"
        rf" (?: [ ]?T[ ]? | ,?[ ] | (?=[上下午오]) | - (?=\d\d:) ) {_WORD}?? {_REST}",
        # ISO 8601 basic: 20250106T100000Z, 20250106 10:00:00 +0000
        r"(?P<year>\d{4}) (?P<month>\d{2}) (?P<day>\d{2}) [T ]?"
        r" (?P<hour>\d{2}) :? (?P<minute>\d{2})"
        rf" (?: :? (?P<second>\d{{2}}) (?:[.,](?P<fraction>\d+))? )? [ ]? {_ZONE}",
        # ISO 8601 week and ordinal dates: 2025-W02-1T10:00Z, 2025-006T10:00Z
        rf"(?P<year>\d{{4}}) -? W(?P<week>\d{{2}}) -? (?P<weekday>[1-7]) T {_REST}",
        rf"(?P<year>\d{{4}}) - (?P<ordinal>\d{{3}}) T {_REST}",
        # RFC 822: Mon, 06 Jan 2025 10:00:00 +0800; 6-Jan-25 10:00 GMT; 6. Januar 2025, …
        rf"{_WORD}? (?P<day>\d{{1,2}}) (?:st|nd|rd|th|º|ª|er|e)? \.?"
        rf" (?:[ ]?(?:de|of)[ ])? [ \-/,.]? [ ]?"
        rf" {_MONTH} ,? (?:[ ](?:de|del)[ ])? [ \-/,.]? [ ]? {_YEAR} (?:[ ]г\.)?"
        rf" (?: [ ]?[,:|\-][ ]? | [ ](?:at|um|à|kl\.?|alle|klo|o|в|la|a[ ]las)[ ] | [ ]?T | [ ] )"
        rf" {_REST}",
        # January 6, 2025 10:00 AM EST; Monday, Jan 6th 2025 at 10:00 GMT; JavaScript's toString
        rf"{_WORD}? {_MONTH} [ ]? (?P<day>\d{{1,2}}) (?:st|nd|rd|th)? ,? [ ] (?P<year>\d{{4}})"
        rf" (?: [ ]?[,\-|][ ]? | [ ]at[ ] | [ ] ) {_REST}",
        # asctime and date(1): Mon Jan  6 10:00:00 GMT 2025
        rf"{_WORD}? {_MONTH} [ ] (?P<day>\d{{1,2}}) [ ] {_TIME} [ ] {_ZONE} [ ] (?P<year>\d{{4}})",
        rf"{_WORD}? {_MONTH} [ ] (?P<day>\d{{1,2}}) [ ] {_TIME} [ ] (?P<year>\d{{4}}) [ ] {_ZONE}",
        # 2025年1月6日(月) 10:00 +09:00, 2025년 1월 6일 오전 10시 00분 UTC+9
        r"(?P<year>\d{4}) [ ]?[年년][ ]? (?P<month>\d{1,2}) [ ]?[月월][ ]? (?P<day>\d{1,2})"
        r" [ ]?[日号號일]? [ ]? (?: \(?(?:星期|周|週|礼拜|禮拜)?"
        rf" [一二三四五六日天月火水木金土월화수목금토] (?:曜日?|요일)? \)? )? [ ,T]? [ ]? {_REST}",
        # 06.01.2025 10:00 +0100: with points the day comes first, wherever it is written
        rf"{_WORD}? (?P<day>\d{{1,2}}) \. [ ]? (?P<month>\d{{1,2}}) \. [ ]? (?P<year>\d{{4}})"
        rf" (?: [ ]?[,\-][ ]? | [ ](?:um|kl\.?|в)[ ] | [ ] ) {_REST}",
        # 13/01/2025 10:00 GMT, 01/13/2025 …: only if one of the two numbers cannot be a month
        rf"(?P<either>\d{{1,2}}) (?P<sep>[/-]) (?P<other>\d{{1,2}}) (?P=sep) (?P<year>\d{{4}})"
        rf" (?: ,?[ ] | T | [ ]-[ ] ) {_REST}",
        # 10:00 GMT, 6 January 2025
        rf"{_TIME} [ ]? {_ZONE} ,? [ ] {_WORD}??"
        rf" (?P<day>\d{{1,2}}) [ ] {_MONTH} ,? [ ] (?P<year>\d{{4}})",
    )
)
_EPOCH = re.compile(r"(\d{9,10})(\d{3})?(?:\.\d+)?")
_EPOCH_FROM = 315_532_800  # 1980: nine or ten digits may also be a phone number
_COMMENT = re.compile(r"\([^()]*\)")
_ZONE_COMMENT = re.compile(r"\(((?:GMT|UTC)?[ ]?[+-]\d{1,2}:?\d{2}|GMT|UTC)\)", re.IGNORECASE)
_HAS_OFFSET = re.compile(r"\d{2} ?(?:GMT|UTC)? ?[+-]\d{2}|\d{2} ?(?:GMT|UTC|Z)\b")
_OFFSET_PARTS = re.compile(r"(?:gmt|utc|ut)?\s*([+-]) ?(\d{1,2}):?(\d{2})?(?::\d{2})?")
_ZONE_ID = re.compile(r"\[[A-Za-z_]+/[A-Za-z_/]+\]$|\[UTC\]$")
_MINUSES = str.maketrans({"−": "-", "‐": "-", "–": "-", "：": ":", "\u200e": "", "\u200f": ""})
_MAX_LENGTH = 120


def parse_date(raw: str, *, unknown_zones: Collection[str] = ()) -> ParsedDate | None:
    """The instant that `raw` determines, else None.

    `unknown_zones`: lower-case zone names that are ambiguous here, as `cst` in a Chinese feed.
    """
    text = _simplify(raw)
    if len(text) > _MAX_LENGTH:
        return None
    if epoch := _EPOCH.fullmatch(text):
        return _read_epoch(epoch[1], epoch[2])
    match = next((match for form in _FORMS if (match := form.fullmatch(text))), None)
    return _read_match(match.groupdict(), unknown_zones) if match else None


def _simplify(raw: str) -> str:
    """Fold white space and full-width characters, and drop a comment (RFC 822 §3.4.3)."""
    text = unicodedata.normalize("NFKC", raw[: 4 * _MAX_LENGTH]).translate(_MINUSES)
    text = " ".join(text.split())
    if "(" in text:
        text = text if _HAS_OFFSET.search(text) else _ZONE_COMMENT.sub(r" \1", text)
        if not re.search("[年년]", text):
            text = _COMMENT.sub(" ", text)
    return " ".join(_ZONE_ID.sub("", text).split()).strip(" ,;")


def _read_epoch(seconds: str, milliseconds: str | None) -> ParsedDate | None:
    is_written_out = len(seconds + (milliseconds or "")) == 12  # YYYYMMDDhhmm
    if is_written_out or int(seconds) < _EPOCH_FROM:
        return None
    instant = datetime.fromtimestamp(int(seconds), UTC)
    return ParsedDate(instant + timedelta(milliseconds=int(milliseconds or 0)), "second")


def _read_match(parts: dict[str, str | None], unknown_zones: Collection[str]) -> ParsedDate | None:
    minutes_east = _read_zone(parts, unknown_zones)
    time = _read_time(parts)
    if minutes_east is None or time is None:
        return None
    try:
        instant = _read_day(parts).replace(tzinfo=UTC) + time - timedelta(minutes=minutes_east)
    except (ValueError, OverflowError):
        return None
    return ParsedDate(instant, "second" if parts.get("second") else "minute")


def _read_day(parts: dict[str, str | None]) -> datetime:
    """Midnight of the day, without a zone. Raises ValueError or OverflowError if there is none."""
    year = int(parts["year"] or 0)
    if len(parts["year"] or "") == 2:  # RFC 2822 §4.3
        year += 2000 if year < 50 else 1900
    if week := parts.get("week"):
        return datetime.fromisocalendar(year, int(week), int(parts["weekday"] or 0))
    if ordinal := parts.get("ordinal"):
        day = datetime(year, 1, 1) + timedelta(days=int(ordinal) - 1)  # noqa: DTZ001
        if day.year != year:
            raise ValueError(ordinal)
        return day
    month, number = _read_month_and_day(parts)
    return datetime(year, month, number)  # noqa: DTZ001


def _read_month_and_day(parts: dict[str, str | None]) -> tuple[int, int]:
    """Raises ValueError if the month has no known name or could also be the day."""
    if name := parts.get("name"):
        month = MONTHS.get(name.casefold().rstrip("."))
        if month is None:
            raise ValueError(name)
        return month, int(parts["day"] or 0)
    if either := parts.get("either"):
        first, second = int(either), int(parts["other"] or 0)
        if first == second or (first > 12 >= second):
            return second, first
        if second > 12 >= first:
            return first, second
        raise ValueError("day and month cannot be told apart")
    return int(parts["month"] or 0), int(parts["day"] or 0)


def _read_time(parts: dict[str, str | None]) -> timedelta | None:
    hour, minute = int(parts["hour"] or 0), int(parts["minute"] or 0)
    second = int(parts.get("second") or 0)
    half = (parts.get("half1") or parts.get("half2") or "").casefold()
    if half and hour <= 12:
        hour = hour % 12 + 12 * (half in AFTERNOON)
    elif half and half not in AFTERNOON:
        return None
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0):
        return None
    # POSIX counts a leap second as the first of the next minute; its fraction is dropped.
    fraction = "0" if second == 60 else (parts.get("fraction") or "0")
    microseconds = int(fraction[:6].ljust(6, "0"))
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=microseconds)


def _read_zone(parts: dict[str, str | None], unknown_zones: Collection[str]) -> int | None:
    """Minutes east of UTC; None if the text has no known zone or two that disagree."""
    zone = (parts.get("zone") or "").casefold()
    zone2 = (parts.get("zone2") or "").casefold()
    if zone2 and zone in ("gmt", "utc", "ut", "z") and zone2[0] in "+-":
        return _read_one_zone(zone2, unknown_zones)
    first = _read_one_zone(zone, unknown_zones)
    if not zone2 or (zone2 in ("gmt", "utc") and zone[0] in "+-"):
        return first
    return first if first == _read_one_zone(zone2, unknown_zones) else None


def _read_one_zone(zone: str, unknown_zones: Collection[str]) -> int | None:
    """A name, or an offset such as `+08` or `-0330`. `GMT+9` is nine hours east, as written."""
    if zone in unknown_zones:
        return None
    offset = _OFFSET_PARTS.fullmatch(zone)
    if zone in ZONES or offset is None:
        return ZONES.get(zone)
    hours, minutes = int(offset[2]), int(offset[3] or 0)
    if minutes > 59 or hours * 60 + minutes > 15 * 60:
        return None
    return int(f"{offset[1]}{hours * 60 + minutes}")
