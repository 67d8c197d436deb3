"""Facts of an entry, which the `entry` suite validates: one row of plain values. Pure.

A fact is a length instead of a body of two megabytes, or the worst score instead of a list, so that
a chunk stays small in memory however large its texts are.
"""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from silkwire.model import (
    EntryBatchRow,
    Evidence,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)
from silkwire.validate.suites.predicates import count_replaced, find_control_character, is_blank

TEXT_FIELDS = frozenset({"title", "summary", "body"})
FEW_REPLACED = 3
"""Replaced characters that every text may have, even a short one: an emoji cut in half."""
_BY_GUID = frozenset({Identity.GUID, Identity.GUID_TEXT})


class EntryFacts(NamedTuple):
    """One row of the frame; Great Expectations sees None as NULL."""

    feed_key: int
    identity: str | None
    identity_hash: str
    identity_source: str | None
    text_hash: str
    position: float
    copy_count: float
    enclosure_bytes: float | None
    language: str | None
    language_confidence: float | None

    title: str | None
    title_length: int
    title_control: str | None
    title_replaced: str | None
    summary_length: int
    summary_replaced_share: float
    body_length: int
    body_replaced_share: float
    name_count: int
    text_control: str | None

    url: str | None
    canonical_url: str | None
    guid: str | None
    address_control: str | None
    address_replaced: str | None

    published_at: str | None
    published_year: float | None
    published_days_ahead: float | None
    published_precision: str | None
    published_raw: str | None

    topic_count: int
    topic_repeated: str | None
    worst_score: float | None
    unexplained_topic: str | None
    worst_weight: float | None

    unruled_evidence: str | None
    misplaced_evidence: str | None
    evidence_text: str
    evidence_found: str


def describe_entry(row: EntryBatchRow, matched: MatchedEntry) -> EntryFacts:
    """The facts of one entry; every value is defined, however odd the entry.

    The parts are tuples in the order of the fields: a row by names takes 1.5 times as long.
    """
    entry, decisions = row.identified.entry, matched.decisions
    return EntryFacts(
        *_describe_identity(row),
        *_describe_texts(entry),
        *_describe_addresses(entry),
        *_describe_dates(row),
        *_describe_topics(decisions),
        *_describe_evidence(entry, [e for d in decisions for e in d.evidence]),
    )


def _describe_identity(
    row: EntryBatchRow,
) -> tuple[
    int,
    str | None,
    str,
    str | None,
    str,
    float,
    float,
    float | None,
    str | None,
    float | None,
]:
    item, entry = row.identified, row.identified.entry
    confidence = entry.language_confidence
    lengths = [_to_float(e.length) for e in entry.enclosures if e.length is not None]
    return (
        row.feed_key,
        None if item.identity is Identity.NONE else item.identity.value,
        item.identity_hash,
        _find_identity_source(item.identity, entry),
        item.text_hash,
        _to_float(entry.position),
        _to_float(item.copy_count),
        _pick_worst(lengths, 0),
        entry.language,
        None if confidence is None else _pick_worst([confidence], 0),
    )


def _find_identity_source(identity: Identity, entry: ParsedEntry) -> str | None:
    """The field that the identity is made of; "none", which fails `has_identity`, without one."""
    if identity is Identity.NONE:
        return "none"
    source = entry.guid if identity in _BY_GUID else entry.canonical_url
    return source or None


def _describe_texts(
    entry: ParsedEntry,
) -> tuple[str | None, int, str | None, str | None, int, float, int, float, int, str | None]:
    title, summary, body = entry.title or "", entry.summary or "", entry.body or ""
    names = " ".join((*entry.authors, *entry.categories, entry.source_title or ""))
    texts = (("summary", summary), ("body", body), ("names", names))
    return (
        None if is_blank(title) else title,
        len(title),
        find_control_character(title),
        title if count_replaced("title", title, entry.problems) else None,
        len(summary),
        _share_replaced("summary", summary, entry),
        len(body),
        _share_replaced("body", body, entry),
        len(entry.authors) + len(entry.categories),
        _find_first_control(texts),
    )


def _describe_addresses(
    entry: ParsedEntry,
) -> tuple[str | None, str | None, str | None, str | None, str | None]:
    url, canonical_url, guid = entry.url, entry.canonical_url, entry.guid
    named = (("url", url or ""), ("canonical_url", canonical_url or ""), ("guid", guid or ""))
    damaged = None
    if entry.problems:
        damaged = next((v for name, v in named if count_replaced(name, v, entry.problems)), None)
    return url, canonical_url, guid, _find_first_control(named), damaged


def _describe_dates(
    row: EntryBatchRow,
) -> tuple[str | None, float | None, float | None, str | None, str | None]:
    entry = row.identified.entry
    at, precision, raw = entry.published_at, entry.published_precision, entry.published_raw
    if at is None:
        return None, None, None, precision, raw or ""
    days_ahead = (at - row.fetched_at).total_seconds() / 86_400
    return at.isoformat(), float(at.year), days_ahead, precision or "missing", raw or None


def _describe_topics(
    decisions: Sequence[TopicDecision],
) -> tuple[int, str | None, float | None, str | None, float | None]:
    topics = [d.topic for d in decisions]
    repeated = None
    if len(set(topics)) < len(topics):
        repeated = next(topic for i, topic in enumerate(topics) if topic in topics[:i])
    unexplained = [d.topic for d in decisions if d.is_match and not (d.evidence or d.factors)]
    weights = [e.weight for d in decisions for e in d.evidence]
    weights += [f.weight for d in decisions for f in d.factors]
    return (
        len(topics),
        repeated,
        _pick_worst([d.score for d in decisions], 0.5),
        unexplained[0] if unexplained else None,
        _pick_worst(weights, 0),
    )


def _describe_evidence(
    entry: ParsedEntry, evidence: Sequence[Evidence]
) -> tuple[str | None, str | None, str, str]:
    if not evidence:
        return None, None, "", ""
    quoted = [(e, _find_text(entry, e)) for e in evidence]
    unruled = [e.text for e in evidence if is_blank(e.rule)]
    misplaced = [f"{e.field}[{e.start}:{e.end}]" for e, text in quoted if text is None]
    return (
        unruled[0] if unruled else None,
        misplaced[0] if misplaced else None,
        " | ".join([e.text for e, text in quoted if text is not None]),
        " | ".join([text for _, text in quoted if text is not None]),
    )


def _find_text(entry: ParsedEntry, evidence: Evidence) -> str | None:
    """The text of the entry at this span of code points; None if there is no such place."""
    if evidence.field not in TEXT_FIELDS:
        return None
    text: str | None = getattr(entry, evidence.field)
    if text is None or not 0 <= evidence.start < evidence.end <= len(text):
        return None
    return text[evidence.start : evidence.end]


def _share_replaced(field: str, text: str, entry: ParsedEntry) -> float:
    """The share of the characters of `text` that the parser replaced."""
    count = count_replaced(field, text, entry.problems) if entry.problems else 0
    return count / len(text) if count > FEW_REPLACED else 0.0


def _find_first_control(named: Iterable[tuple[str, str]]) -> str | None:
    for name, text in named:
        if found := find_control_character(text):
            return f"{name}: {found}"
    return None


def _pick_worst(numbers: Sequence[float], centre: float) -> float | None:
    """The number furthest from `centre`; infinity for not-a-number, which would pass as NULL."""
    if not numbers:
        return None
    known = [math.inf if number != number else number for number in numbers]  # noqa: PLR0124
    low, high = min(known), max(known)
    return low if centre - low > high - centre else high


def _to_float(number: float) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of hundreds of digits
        return math.inf
