"""Build a `ParsedEntry` from what feedparser read and from the fields of the element. Pure."""

import re
from typing import Any

from silkwire.model import Enclosure, ParsedEntry
from silkwire.parse.entry.dates import ParsedDate, parse_date
from silkwire.parse.entry.element_fields import ElementFields
from silkwire.parse.entry.field_cleaner import FieldCleaner
from silkwire.parse.entry.languages import decide_language, normalize_language
from silkwire.parse.entry.plain_text import fold_text, to_plain_text
from silkwire.parse.entry.texts import EntryTexts, read_texts
from silkwire.parse.entry.urls import canonicalize_url, resolve_url

_MAX_LABEL = 500
_MAX_URL = 8_000
_MAX_LIST = 100
_SPONSORED = {
    "sponsored", "sponsored content", "sponsored post", "advertorial", "paid content",
    "partner content", "branded content", "anzeige", "publirreportage", "広告", "赞助内容",
}  # fmt: skip
_BOOLEANS = {
    "true": True, "yes": True, "1": True, "y": True,
    "false": False, "no": False, "0": False, "n": False,
}  # fmt: skip
_ACCESS_RIGHTS = {"free": False, "subscription": True, "metered": True}
_IMAGE = re.compile(r"<img\b[^<>]{0,2000}?\bsrc\s*=\s*[\"']([^\"'<>\s]+)", re.IGNORECASE)


def build_entry(
    position: int,
    raw: dict[str, Any],
    fields: ElementFields,
    base_url: str | None,
    language: str | None,
) -> ParsedEntry:
    """The entry at `position` of a document; `raw` is a dict with feedparser's keys.

    `language` and `base_url` are the document's; a relative link is resolved against `base_url`
    and the bases of its ancestors, each of which may be relative to the one before (XML Base §4.2).
    """
    cleaner = FieldCleaner()
    if fields.is_cut:
        cleaner.note("entry", "cut off with the document")
    texts = read_texts(cleaner, raw, is_atom=fields.is_atom)
    declared = normalize_language(fields.language) or language
    language, confidence = decide_language(declared, texts.title, texts.summary or texts.body)
    date, date_raw, source = _choose_date(fields, language)
    url = cleaner.clean("url", fields.url, _MAX_URL)
    for base in fields.bases:
        base_url = resolve_url(base_url, base)
    url = resolve_url(base_url, url) if url else None
    original = canonicalize_url(cleaner.clean("url", fields.original_url, _MAX_URL))
    categories = _read_categories(cleaner, raw)
    enclosures = _read_enclosures(cleaner, raw)
    return ParsedEntry(
        position=position,
        guid=cleaner.clean("guid", fields.guid, _MAX_URL),
        url=url,
        canonical_url=original or canonicalize_url(url),
        title=texts.title,
        summary=texts.summary,
        body=texts.body,
        summary_html=texts.summary_html,
        body_html=texts.body_html,
        authors=_read_authors(cleaner, raw),
        categories=categories,
        published_at=date.instant if date else None,
        published_raw=cleaner.clean("published", fold_text(date_raw or ""), _MAX_LABEL),
        published_source=source,
        published_precision=date.precision if date else None,
        language=language,
        language_confidence=confidence,
        image_url=_choose_image(cleaner, raw, enclosures, texts),
        enclosures=enclosures,
        source_title=_read_source(cleaner, raw),
        is_paywalled=_read_paywall(fields),
        is_sponsored=_read_sponsored(fields, categories),
        problems=tuple(cleaner.problems),
    )


def _choose_date(
    fields: ElementFields, language: str | None
) -> tuple[ParsedDate | None, str | None, str | None]:
    """The first date that determines an instant, else the first text; with the element's name."""
    unknown = ("cst",) if language == "zh" else ()  # China's time or Chicago's
    for source, text in fields.dates.items():
        if date := parse_date(text, unknown_zones=unknown):
            return date, text, source
    for source, text in fields.dates.items():
        return None, text, source
    return None, None, None


def _read_authors(cleaner: FieldCleaner, raw: dict[str, Any]) -> tuple[str, ...]:
    names = [author.get("name") or author.get("email") for author in raw.get("authors", ())]
    names = [name for name in names if name] or [raw.get("author")]
    return cleaner.clean_labels("authors", names, _MAX_LIST, _MAX_LABEL)


def _read_categories(cleaner: FieldCleaner, raw: dict[str, Any]) -> tuple[str, ...]:
    names = [tag.get("label") or tag.get("term") for tag in raw.get("tags", ())]
    return cleaner.clean_labels("categories", names, _MAX_LIST, _MAX_LABEL)


def _read_enclosures(cleaner: FieldCleaner, raw: dict[str, Any]) -> tuple[Enclosure, ...]:
    links = [link for link in raw.get("links", ()) if link.get("rel") == "enclosure"]
    enclosures: dict[str, Enclosure] = {}
    for link in (links + raw.get("media_content", []))[:_MAX_LIST]:
        url = cleaner.clean("enclosures", link.get("href") or link.get("url"), _MAX_URL)
        if url and url not in enclosures:
            size = str(link.get("length") or link.get("filesize") or "").strip()
            is_size = size.isascii() and size.isdigit() and len(size) < 16
            media_type = cleaner.clean("enclosures", link.get("type"), _MAX_LABEL)
            enclosures[url] = Enclosure(url, media_type, int(size) if is_size else None)
    return tuple(enclosures.values())


def _choose_image(
    cleaner: FieldCleaner,
    raw: dict[str, Any],
    enclosures: tuple[Enclosure, ...],
    texts: EntryTexts,
) -> str | None:
    """The image that the feed gives the entry, else the first in its HTML."""
    images = [media.get("url") for media in raw.get("media_thumbnail", ())]
    images += [m.get("url") for m in raw.get("media_content", ()) if m.get("medium") == "image"]
    images += [e.url for e in enclosures if (e.media_type or "").startswith("image/")]
    images += [(raw.get("image") or {}).get("href")]
    html = texts.body_html or texts.summary_html
    if not any(images) and html and (match := _IMAGE.search(html)):
        images.append(to_plain_text(match[1]))
    return cleaner.clean("image_url", next(filter(None, images), None), _MAX_URL)


def _read_source(cleaner: FieldCleaner, raw: dict[str, Any]) -> str | None:
    title = (raw.get("source") or {}).get("title") or ""
    return to_plain_text(cleaner.repair("source", title))[:_MAX_LABEL] or None


def _read_paywall(fields: ElementFields) -> bool | None:
    if (is_free := _read_mark(fields, "isaccessibleforfree")) is not None:
        return not is_free
    names = ("paywall", "paywalled", "ispaywalled", "premium", "ispremium")
    if (is_paywalled := _read_mark(fields, *names)) is not None:
        return is_paywalled
    return _ACCESS_RIGHTS.get(fields.marks.get("accessrights", ""))


def _read_sponsored(fields: ElementFields, categories: tuple[str, ...]) -> bool | None:
    is_sponsored = _read_mark(fields, "sponsored", "issponsored", "advertorial")
    if is_sponsored is None and any(label.lower() in _SPONSORED for label in categories):
        return True
    return is_sponsored


def _read_mark(fields: ElementFields, *names: str) -> bool | None:
    """The value of the first mark that is a clear yes or no."""
    said = (_BOOLEANS.get(fields.marks.get(name, "")) for name in names)
    return next((value for value in said if value is not None), None)
