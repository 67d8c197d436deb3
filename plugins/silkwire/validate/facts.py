"""What the `entry` suite judges: one flat row of plain values for each entry. Pure.

The suite sees facts, not texts: a length instead of a body of two megabytes, the worst score
instead of a list, so that a chunk stays small in memory however large its texts are.
"""

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

from silkwire.model import EntryBatchRow, Evidence, Identity, MatchedEntry, ParsedEntry
from silkwire.validate.predicates import find_control_character, is_blank, is_damaged

MANY_REPLACED = 3
"""So few U+FFFD are an accident in a text (an emoji cut in half), not a wrong character set."""


class EntryFacts(NamedTuple):
    """One row of the frame; None is what Great Expectations sees as NULL."""

    feed_key: int
    identity: str | None
    identity_hash: str
    identity_source: str | None
    text_hash: str
    title: str | None
    title_length: int
    title_control: str | None
    title_replaced: str | None
    summary_length: int
    summary_control: str | None
    summary_replaced_share: float
    body_length: int
    body_control: str | None
    body_replaced_share: float
    url: str | None
    canonical_url: str | None
    guid: str | None
    address_control: str | None
    address_replaced: str | None
    author_count: int
    category_count: int
    name_control: str | None
    published_at: str | None
    published_year: float | None
    published_days_ahead: float | None
    published_precision: str | None
    published_raw: str | None
    language: str | None
    language_confidence: float | None
    position: int
    copy_count: int
    enclosure_bytes: float | None
    topic_count: int
    topic_repeated: str | None
    worst_score: float | None
    unexplained_topic: str | None
    unruled_evidence: str | None
    worst_weight: float | None
    misplaced_evidence: str | None
    evidence_text: str
    evidence_found: str


def describe_entry(row: EntryBatchRow, matched: MatchedEntry) -> EntryFacts:
    """The facts of one entry; every value is defined, however odd the entry."""
    item, entry = row.identified, row.identified.entry
    return EntryFacts(
        feed_key=row.feed_key,
        identity=None if item.identity is Identity.NONE else item.identity.value,
        identity_hash=item.identity_hash,
        identity_source=_find_identity_source(item.identity, entry),
        text_hash=item.text_hash,
        position=entry.position,
        copy_count=item.copy_count,
        enclosure_bytes=_pick_worst((_to_float(e.length) for e in entry.enclosures if e.length), 0),
        **_describe_texts(entry),
        **_describe_addresses(entry),
        **_describe_dates(row),
        language=entry.language,
        language_confidence=_to_float(entry.language_confidence),
        **_describe_topics(entry, matched),
    )


def _find_identity_source(identity: Identity, entry: ParsedEntry) -> str | None:
    """What the identity was made of; "none" where there is none, which another check reports."""
    if identity is Identity.NONE:
        return "none"
    source = entry.guid if identity in {Identity.GUID, Identity.GUID_TEXT} else entry.canonical_url
    return source or None


def _describe_texts(entry: ParsedEntry) -> dict[str, Any]:
    title, summary, body = entry.title or "", entry.summary or "", entry.body or ""
    return {
        "title": None if is_blank(title) else title,
        "title_length": len(title),
        "title_control": find_control_character(title),
        "title_replaced": title if is_damaged("title", title, entry.problems) else None,
        "summary_length": len(summary),
        "summary_control": find_control_character(summary),
        "summary_replaced_share": _share_replaced(summary),
        "body_length": len(body),
        "body_control": find_control_character(body),
        "body_replaced_share": _share_replaced(body),
        "author_count": len(entry.authors),
        "category_count": len(entry.categories),
        "name_control": _find_first_control(
            (*entry.authors, *entry.categories, entry.source_title or "")
        ),
    }


def _describe_addresses(entry: ParsedEntry) -> dict[str, Any]:
    named = {"url": entry.url, "canonical_url": entry.canonical_url, "guid": entry.guid}
    damaged = (v for name, v in named.items() if v and is_damaged(name, v, entry.problems))
    return {
        **named,
        "address_control": _find_first_control(v or "" for v in named.values()),
        "address_replaced": next(damaged, None),
    }


def _describe_dates(row: EntryBatchRow) -> dict[str, Any]:
    entry = row.identified.entry
    at = entry.published_at
    if at is None:
        return {
            "published_at": None,
            "published_year": None,
            "published_days_ahead": None,
            "published_precision": entry.published_precision,
            "published_raw": entry.published_raw or "",
        }
    return {
        "published_at": at.isoformat(),
        "published_year": float(at.year),
        "published_days_ahead": (at - row.fetched_at).total_seconds() / 86_400,
        "published_precision": entry.published_precision or "missing",
        "published_raw": entry.published_raw or None,
    }


def _describe_topics(entry: ParsedEntry, matched: MatchedEntry) -> dict[str, Any]:
    decisions = matched.decisions
    evidence = [e for d in decisions for e in d.evidence]
    weights = [e.weight for e in evidence] + [f.weight for d in decisions for f in d.factors]
    topics = [d.topic for d in decisions]
    unexplained = (d.topic for d in decisions if d.is_match and not (d.evidence or d.factors))
    found = [_find_text(entry, e) for e in evidence]
    return {
        "topic_count": len(topics),
        "topic_repeated": next((t for i, t in enumerate(topics) if t in topics[:i]), None),
        "worst_score": _pick_worst((d.score for d in decisions), 0.5),
        "unexplained_topic": next(unexplained, None),
        "unruled_evidence": next((e.text for e in evidence if is_blank(e.rule)), None),
        "worst_weight": _pick_worst(weights, 0),
        "misplaced_evidence": next(
            (_name_span(e) for e, t in zip(evidence, found, strict=True) if t is None), None
        ),
        "evidence_text": " | ".join(
            e.text for e, t in zip(evidence, found, strict=True) if t is not None
        ),
        "evidence_found": " | ".join(t for t in found if t is not None),
    }


def _find_text(entry: ParsedEntry, evidence: Evidence) -> str | None:
    """What the entry holds at this span, in code points; None if there is no such place."""
    texts = {"title": entry.title, "summary": entry.summary, "body": entry.body}
    text = texts.get(evidence.field)
    if text is None or not 0 <= evidence.start < evidence.end <= len(text):
        return None
    return text[evidence.start : evidence.end]


def _name_span(evidence: Evidence) -> str:
    return f"{evidence.field}[{evidence.start}:{evidence.end}]"


def _share_replaced(text: str) -> float:
    count = text.count("\ufffd")
    return count / len(text) if count > MANY_REPLACED else 0.0


def _find_first_control(texts: Iterable[str]) -> str | None:
    return next((found for text in texts if (found := find_control_character(text))), None)


def _pick_worst(numbers: Iterable[float | None], centre: float) -> float | None:
    """The number furthest from `centre`; not-a-number counts as infinity, so that no check
    mistakes it for NULL."""
    known = [math.inf if math.isnan(n) else n for n in numbers if n is not None]
    return max(known, key=lambda n: abs(n - centre), default=None)


def _to_float(number: float | None) -> float | None:
    if number is None:
        return None
    try:
        return math.inf if math.isnan(number) else float(number)
    except OverflowError:
        return math.inf
