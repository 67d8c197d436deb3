"""JSON Feed 1.0 and 1.1 (jsonfeed.org), as an equal format."""

import json
import re
from typing import Any

from silkwire.model import ErrorClass, ParsedDocument, ParseJob
from silkwire.parse.document.decode import Decoded
from silkwire.parse.document.tree import LimitError
from silkwire.parse.entry.build import Context, read_entry
from silkwire.parse.entry.facts import EntryFacts
from silkwire.parse.entry.languages import DeclaredLanguage, normalize_language
from silkwire.parse.entry.markers import REPLACED
from silkwire.parse.entry.plain_text import clean_text, fold_text

_MAX_ITEMS = 100_000
_MAX_DEPTH = 100
_SURROGATE = re.compile("[\ud800-\udfff\0]")
_ITEMS = re.compile(r'"items"\s*:\s*\[')


def is_json(text: str) -> bool:
    """Whether `text` is a JSON object rather than markup."""
    return text.lstrip("\ufeff \t\r\n")[:1] == "{"


def parse_json_feed(job: ParseJob, decoded: Decoded) -> ParsedDocument:
    """What `decoded` holds as a JSON Feed; the whole items of a document that was cut."""
    try:
        feed, items = _load(decoded.text.lstrip("\ufeff \t\r\n"))
    except LimitError as exc:
        return _fail(decoded, ErrorClass.PARSER_LIMIT, str(exc))
    version = str(feed.get("version") or "")
    if "jsonfeed.org" not in version.lower() and not _looks_like_feed(feed, items):
        return _fail(decoded, ErrorClass.NOT_A_FEED, "The document is JSON, but no JSON Feed.")
    language = normalize_language(_text(feed.get("language")))
    declared = DeclaredLanguage(document=language, feed_list=normalize_language(job.language))
    context = Context(job.url, declared)
    known = [item for item in items[:_MAX_ITEMS] if isinstance(item, dict)]
    entries = tuple(
        read_entry(number, _to_entry(item, feed), _read_facts(item), context)
        for number, item in enumerate(known)
    )
    return ParsedDocument(
        format="jsonfeed",
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        encoding_rejected=decoded.rejected,
        undecodable_count=decoded.undecodable_count,
        items_in_bytes=len(items),
        entries=entries,
        title=fold_text(clean_text(_text(feed.get("title")) or "")[0]) or None,
        language=declared.nearest,
    )


def _load(text: str) -> tuple[dict[str, Any], list[Any]]:
    """The document and its items; of a broken one, those before the break and the broken one."""
    if _nests_too_deep(text):
        raise LimitError("The document nests too many elements.")
    try:
        feed = json.loads(text, strict=False)
    except ValueError:
        return _salvage(text)
    except RecursionError:
        raise LimitError("The document nests too many elements.") from None
    items = feed.get("items")
    return feed, items if isinstance(items, list) else []


def _nests_too_deep(text: str) -> bool:
    """The scanner recurses; so deep a document is refused before it starts."""
    depth = 0
    for bracket in re.finditer(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', text, re.DOTALL):
        if bracket[0] in "[{":
            depth += 1
            if depth > _MAX_DEPTH:
                return True
        elif bracket[0] in "]}":
            depth -= 1
    return False


def _salvage(text: str) -> tuple[dict[str, Any], list[Any]]:
    start = _ITEMS.search(text)
    if start is None:
        return {}, []
    decoder, position = json.JSONDecoder(strict=False), start.end()
    items: list[Any] = []
    while True:
        while text[position : position + 1] and text[position] in ", \t\r\n":
            position += 1
        if text[position : position + 1] in ("", "]"):
            break
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError):
            items.append(None)  # counted: it was there
            break
        items.append(item)
    return {"version": text[: start.start()]}, items


def _looks_like_feed(feed: dict[str, Any], items: list[Any]) -> bool:
    return bool(
        feed.get("title") and items and all(isinstance(i, dict) and "id" in i for i in items)
    )


def _text(value: Any) -> str | None:
    """A string or number as storable text; `REPLACED` where JSON escaped what is no character."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return _SURROGATE.sub(REPLACED, str(value)) or None


def _read_facts(item: dict[str, Any]) -> EntryFacts:
    facts = EntryFacts(is_atom=True)
    facts.guid = _text(item.get("id"))
    facts.url = _text(item.get("url")) or _text(item.get("external_url"))
    facts.language = _text(item.get("language"))
    for name in ("date_published", "date_modified"):
        if text := _text(item.get(name)):
            facts.dates[name] = text.strip()
    return facts


def _to_entry(item: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    """The item under feedparser's names."""
    html, plain = _text(item.get("content_html")), _text(item.get("content_text"))
    summary = _text(item.get("summary"))
    content = (
        {"type": "text/html", "value": html} if html else {"type": "text/plain", "value": plain}
    )
    entry: dict[str, Any] = {"title": _text(item.get("title"))}
    if summary:
        entry |= {"summary": summary, "summary_detail": {"type": "text/plain"}}
    if content["value"]:
        entry["content"] = [content]
    entry["authors"] = [{"name": name} for name in _read_authors(item) or _read_authors(feed)]
    entry["tags"] = [{"term": _text(tag)} for tag in _list(item.get("tags"))]
    entry["links"] = [
        {"rel": "enclosure", "href": _text(part.get("url")), "type": _text(part.get("mime_type")),
         "length": _text(part.get("size_in_bytes"))}
        for part in _list(item.get("attachments"))
        if isinstance(part, dict)
    ]  # fmt: skip
    entry["image"] = {"href": _text(item.get("image")) or _text(item.get("banner_image"))}
    return entry


def _read_authors(holder: dict[str, Any]) -> list[str]:
    """`authors` of 1.1, else `author` of 1.0."""
    authors = _list(holder.get("authors")) or [holder.get("author")]
    names = [_text(a.get("name")) or _text(a.get("url")) for a in authors if isinstance(a, dict)]
    return [name for name in names if name]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _fail(decoded: Decoded, error_class: ErrorClass, error: str) -> ParsedDocument:
    return ParsedDocument(
        format=None,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        encoding_rejected=decoded.rejected,
        undecodable_count=decoded.undecodable_count,
        items_in_bytes=0,
        error_class=error_class,
        error=error,
    )
