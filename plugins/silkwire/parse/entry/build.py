"""One entry: feedparser's reading and the element's facts in, a `ParsedEntry` out. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from silkwire.model import Enclosure, ParsedEntry
from silkwire.parse.entry.dates import ParsedDate, parse_date
from silkwire.parse.entry.facts import EntryFacts
from silkwire.parse.entry.fields import FieldReader
from silkwire.parse.entry.languages import DeclaredLanguage, decide_language
from silkwire.parse.entry.plain_text import fold_text, to_plain_text
from silkwire.parse.entry.text_fields import EntryTexts, read_texts
from silkwire.parse.entry.urls import canonicalize_url, resolve_url

_MAX_LABEL = 500
_MAX_URL = 8_000
_MAX_LIST = 100
_SPONSORED = {
    "sponsored", "sponsored content", "sponsored post", "advertorial", "paid content",
    "partner content", "branded content", "anzeige", "publirreportage", "広告", "赞助内容",
}  # fmt: skip
_TRUE = {"true", "yes", "1", "y"}
_FALSE = {"false", "no", "0", "n"}
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']([^\"'<>\s]+)", re.IGNORECASE)
_CHINESE = ("zh",)


@dataclass(frozen=True, slots=True)
class Context:
    """What holds for all entries of a document."""

    base_url: str | None = None
    declared: DeclaredLanguage = field(default_factory=DeclaredLanguage)


def read_entry(
    position: int, raw: dict[str, Any], facts: EntryFacts, context: Context
) -> ParsedEntry:
    """The entry at `position` as the feed shows it."""
    fields = FieldReader()
    if facts.is_cut:
        fields.note("entry", "cut off with the document")
    texts = read_texts(fields, raw, is_atom=facts.is_atom)
    declared = context.declared.narrowed(facts.language)
    language, confidence = decide_language(declared, texts.title, texts.summary or texts.body)
    date, date_raw, source = _choose_date(facts, language)
    url = fields.clean("url", facts.url, _MAX_URL)
    url = resolve_url(context.base_url, url) if url else None
    original = canonicalize_url(fields.clean("url", facts.original_url, _MAX_URL))
    categories = tuple(_read_categories(fields, raw))
    enclosures = tuple(_read_enclosures(fields, raw))
    return ParsedEntry(
        position=position,
        guid=fields.clean("guid", facts.guid, _MAX_URL),
        url=url,
        canonical_url=original or canonicalize_url(url),
        title=texts.title,
        summary=texts.summary,
        body=texts.body,
        summary_html=texts.summary_html,
        body_html=texts.body_html,
        authors=tuple(_read_authors(fields, raw)),
        categories=categories,
        published_at=date.instant if date else None,
        published_raw=fields.clean("published", fold_text(date_raw or ""), _MAX_LABEL),
        published_source=source,
        published_precision=date.precision if date else None,
        language=language,
        language_confidence=confidence,
        image_url=_choose_image(fields, raw, enclosures, texts),
        enclosures=enclosures,
        source_title=_read_source(fields, raw),
        is_paywalled=_read_paywall(facts),
        is_sponsored=_read_sponsored(facts, categories),
        problems=tuple(fields.problems),
    )


def _choose_date(
    facts: EntryFacts, language: str | None
) -> tuple[ParsedDate | None, str | None, str | None]:
    """The first date that determines an instant, else the first text."""
    unknown = ("cst",) if language in _CHINESE else ()  # China's time as often as Chicago's
    for source, text in facts.dates.items():
        if date := parse_date(text, unknown_zones=unknown):
            return date, text, source
    for source, text in facts.dates.items():
        return None, text, source
    return None, None, None


def _read_authors(fields: FieldReader, raw: dict[str, Any]) -> Iterator[str]:
    names = [author.get("name") or author.get("email") for author in raw.get("authors", ())]
    names = [name for name in names if name] or [raw.get("author")]
    yield from fields.read_labels("authors", names, _MAX_LIST, _MAX_LABEL)


def _read_categories(fields: FieldReader, raw: dict[str, Any]) -> Iterator[str]:
    names = [tag.get("label") or tag.get("term") for tag in raw.get("tags", ())]
    yield from fields.read_labels("categories", names, _MAX_LIST, _MAX_LABEL)


def _read_enclosures(fields: FieldReader, raw: dict[str, Any]) -> Iterator[Enclosure]:
    links = [link for link in raw.get("links", ()) if link.get("rel") == "enclosure"]
    seen = set()
    for link in (links + raw.get("media_content", []))[:_MAX_LIST]:
        url = fields.clean("enclosures", link.get("href") or link.get("url"), _MAX_URL)
        if url and url not in seen:
            seen.add(url)
            size = str(link.get("length") or link.get("filesize") or "").strip()
            is_size = size.isascii() and size.isdigit() and len(size) < 16
            media_type = fields.clean("enclosures", link.get("type"), _MAX_LABEL)
            yield Enclosure(url, media_type, int(size) if is_size else None)


def _choose_image(
    fields: FieldReader,
    raw: dict[str, Any],
    enclosures: tuple[Enclosure, ...],
    texts: EntryTexts,
) -> str | None:
    """The picture that the feed gives the entry, else the first in its HTML."""
    pictures = [media.get("url") for media in raw.get("media_thumbnail", ())]
    pictures += [m.get("url") for m in raw.get("media_content", ()) if m.get("medium") == "image"]
    pictures += [e.url for e in enclosures if (e.media_type or "").startswith("image/")]
    pictures += [(raw.get("image") or {}).get("href")]
    html = texts.body_html or texts.summary_html
    if not any(pictures) and html and (match := _IMAGE.search(html)):
        pictures.append(to_plain_text(match[1]))
    return fields.clean("image_url", next((url for url in pictures if url), None), _MAX_URL)


def _read_source(fields: FieldReader, raw: dict[str, Any]) -> str | None:
    title = (raw.get("source") or {}).get("title")
    return to_plain_text(fields.repair("source", title))[:_MAX_LABEL] or None if title else None


def _read_paywall(facts: EntryFacts) -> bool | None:
    free = facts.marks.get("isaccessibleforfree", "")
    if free in _TRUE | _FALSE:
        return free in _FALSE
    for name in ("paywall", "paywalled", "ispaywalled", "premium", "ispremium"):
        value = facts.marks.get(name, "")
        if value in _TRUE | _FALSE:
            return value in _TRUE
    rights = facts.marks.get("accessrights")
    return {"free": False, "subscription": True, "metered": True}.get(rights or "")


def _read_sponsored(facts: EntryFacts, categories: tuple[str, ...]) -> bool | None:
    for name in ("sponsored", "issponsored", "advertorial"):
        value = facts.marks.get(name, "")
        if value in _TRUE | _FALSE:
            return value in _TRUE
    return True if any(label.lower() in _SPONSORED for label in categories) else None
