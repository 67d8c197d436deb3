"""Read JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

import json
import re
from dataclasses import replace
from typing import Any

from silkwire.model import ErrorClass, ParsedDocument, ParseJob
from silkwire.parse.document.limits import MAX_ENTRIES, MAX_JSON_DEPTH, TOO_DEEP, LimitError
from silkwire.parse.entry.build import build_entry
from silkwire.parse.entry.characters import REPLACED, clean_text
from silkwire.parse.entry.element_fields import ElementFields
from silkwire.parse.entry.languages import normalize_language
from silkwire.parse.entry.plain_text import fold_text

_SURROGATE = re.compile("[\ud800-\udfff\0]")
_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
"""A string, or a bracket outside of strings. A string that is cut ends with the text: otherwise
each of its quotation marks would begin another search to the end."""
_ITEMS = re.compile(r'"items"\s*:\s*\[')
_SPACES = "\ufeff \t\r\n"


def is_json(text: str) -> bool:
    """Whether `text` is a JSON object rather than markup."""
    return text.lstrip(_SPACES)[:1] == "{"


def read_json_feed(job: ParseJob, text: str, document: ParsedDocument) -> ParsedDocument:
    """`document` with the feed in `text`, or with an error. Raises LimitError."""
    feed, items = _load(text.lstrip(_SPACES))
    version = str(feed.get("version") or "")
    if "jsonfeed.org" not in version.lower() and not _looks_like_feed(feed, items):
        error = "The document is JSON, but no JSON Feed."
        return replace(document, error_class=ErrorClass.NOT_A_FEED, error=error)
    language = normalize_language(_text(feed.get("language"))) or normalize_language(job.language)
    known = [item for item in items[:MAX_ENTRIES] if isinstance(item, dict)]
    entries = tuple(
        build_entry(number, _to_entry(item, feed), _read_fields(item), job.url, language)
        for number, item in enumerate(known)
    )
    return replace(
        document,
        format="jsonfeed",
        items_in_bytes=len(items),
        entries=entries,
        title=fold_text(clean_text(_text(feed.get("title")) or "")[0]) or None,
        language=language,
    )


def _load(text: str) -> tuple[dict[str, Any], list[Any]]:
    """The document and its items; if it is cut, the complete items and None for the cut one."""
    _check_depth(text)
    try:
        feed = json.loads(text, strict=False)
    except ValueError:
        return _load_cut(text)
    except RecursionError:
        raise LimitError(TOO_DEEP) from None
    return feed, _list(feed.get("items"))


def _check_depth(text: str) -> None:
    """Raise LimitError for a document that the recursive JSON decoder must not see."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        if bracket[0] in "[{":
            depth += 1
            if depth > MAX_JSON_DEPTH:
                raise LimitError(TOO_DEEP)
        elif bracket[0] in "]}":
            depth -= 1


def _load_cut(text: str) -> tuple[dict[str, Any], list[Any]]:
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
            items.append(None)
            break
        items.append(item)
    return {"version": text[: start.start()]}, items


def _looks_like_feed(feed: dict[str, Any], items: list[Any]) -> bool:
    return bool(
        feed.get("title") and items and all(isinstance(i, dict) and "id" in i for i in items)
    )


def _text(value: Any) -> str | None:
    """A string or number as text, with REPLACED for each lone surrogate and NUL."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return _SURROGATE.sub(REPLACED, str(value)) or None


def _read_fields(item: dict[str, Any]) -> ElementFields:
    dates = {name: _text(item.get(name)) for name in ("date_published", "date_modified")}
    return ElementFields(
        is_atom=True,
        guid=_text(item.get("id")),
        url=_text(item.get("url")) or _text(item.get("external_url")),
        language=_text(item.get("language")),
        dates={name: text.strip() for name, text in dates.items() if text},
    )


def _to_entry(item: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    """The item as a dict with feedparser's keys."""
    html, plain = _text(item.get("content_html")), _text(item.get("content_text"))
    return {
        "title": _text(item.get("title")),
        "summary": _text(item.get("summary")),
        "summary_detail": {"type": "text/plain"},
        "content": [{"type": "text/html" if html else "text/plain", "value": html or plain}],
        "authors": [{"name": name} for name in _read_authors(item) or _read_authors(feed)],
        "tags": [{"term": _text(tag)} for tag in _list(item.get("tags"))],
        "links": [
            {
                "rel": "enclosure",
                "href": _text(part.get("url")),
                "type": _text(part.get("mime_type")),
                "length": _text(part.get("size_in_bytes")),
            }
            for part in _list(item.get("attachments"))
            if isinstance(part, dict)
        ],
        "image": {"href": _text(item.get("image")) or _text(item.get("banner_image"))},
    }


def _read_authors(holder: dict[str, Any]) -> list[str]:
    """`authors` of 1.1, else `author` of 1.0."""
    authors = _list(holder.get("authors")) or [holder.get("author")]
    names = [_text(a.get("name")) or _text(a.get("url")) for a in authors if isinstance(a, dict)]
    return [name for name in names if name]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
