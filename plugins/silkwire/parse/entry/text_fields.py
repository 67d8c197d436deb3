"""Title, summary and body of an entry: which elements they come from, and as what they are read."""

from dataclasses import dataclass
from typing import Any

from silkwire.parse.entry.fields import FieldReader
from silkwire.parse.entry.plain_text import holds_tags, sanitize_html, to_plain_text

_MAX_TITLE = 10_000
_MAX_TEXT = 1_000_000
_XHTML = "application/xhtml+xml"


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """Plain texts, and the summary's and body's HTML where they hold any (sanitised)."""

    title: str | None
    summary: str | None
    body: str | None
    """None where it says the same as the summary."""
    summary_html: str | None
    body_html: str | None


@dataclass(frozen=True, slots=True)
class _Construct:
    """A text as published (storable by now) and its media type."""

    text: str
    media_type: str


def read_texts(fields: FieldReader, raw: dict[str, Any], *, is_atom: bool) -> EntryTexts:
    """The texts of one entry under feedparser's names."""
    title = _take(fields, "title", raw.get("title"), raw.get("title_detail"), _MAX_TEXT)
    summary = _take_summary(fields, raw)
    content: dict[str, Any] = next(
        (part for part in raw.get("content", ()) if part.get("value")), {}
    )
    body = _take(fields, "body", content.get("value"), content, _MAX_TEXT)
    summary_text = _read_plain(summary, is_atom=is_atom)
    body_text = _read_plain(body, is_atom=is_atom)
    summary_html = _read_html(fields, "summary_html", summary)
    body_html = _read_html(fields, "body_html", body)
    is_same = body_text == summary_text
    return EntryTexts(
        title=_read_title(fields, title, is_atom=is_atom),
        summary=summary_text,
        body=None if is_same else body_text,
        summary_html=summary_html,
        body_html=None if is_same and body_html == summary_html else body_html,
    )


def _take(
    fields: FieldReader, name: str, value: str | None, detail: dict[str, Any] | None, limit: int
) -> _Construct:
    text = fields.cut(name, fields.repair(name, value), limit) if value else ""
    return _Construct(text, (detail or {}).get("type") or "text/plain")


def _take_summary(fields: FieldReader, raw: dict[str, Any]) -> _Construct:
    """RSS `description`, Atom `summary`, else what other vocabularies have for it."""
    for name in ("summary", "media_description", "dc_description", "itunes_summary"):
        if raw.get(name):
            return _take(fields, "summary", raw[name], raw.get(f"{name}_detail"), _MAX_TEXT)
    return _Construct("", "text/plain")


def _read_title(fields: FieldReader, title: _Construct, *, is_atom: bool) -> str | None:
    """Atom says what a title is (RFC 4287 §3.1.1): a plain one may speak of `<b>`."""
    if is_atom and title.media_type == "text/plain":
        text = to_plain_text(title.text, is_html=False)
    else:
        text = _read_plain(title, is_atom=is_atom) or ""
    return fields.cut("title", text, _MAX_TITLE) or None


def _read_plain(construct: _Construct, *, is_atom: bool) -> str | None:
    """Plain text; in RSS, and where Atom says `text` but means HTML, the text itself tells."""
    is_html = construct.media_type == _XHTML or (is_atom and construct.media_type == "text/html")
    return to_plain_text(construct.text, is_html=True if is_html else None) or None


def _read_html(fields: FieldReader, name: str, construct: _Construct) -> str | None:
    if not holds_tags(construct.text):
        return None
    html = sanitize_html(construct.text)
    if html is None:
        fields.note(name, "nests too deep, left out")
    return html
