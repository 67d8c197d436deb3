"""Read title, summary and body of an entry, as plain text and as sanitised HTML."""

from dataclasses import dataclass
from typing import Any

from silkwire.parse.entry.field_cleaner import FieldCleaner
from silkwire.parse.entry.plain_text import holds_tags, to_plain_text
from silkwire.parse.entry.sanitize import sanitize_html

_MAX_TITLE = 10_000
_MAX_TEXT = 1_000_000
_XHTML = "application/xhtml+xml"


@dataclass(frozen=True, slots=True)
class EntryTexts:
    """Plain texts, and the HTML of summary and body if they hold tags."""

    title: str | None
    summary: str | None
    body: str | None
    """None if it equals the summary."""
    summary_html: str | None
    body_html: str | None


@dataclass(frozen=True, slots=True)
class _Construct:
    """A text as published, without characters that cannot be stored, and its media type."""

    text: str
    media_type: str

    def read_plain(self, *, is_atom: bool) -> str | None:
        """Plain text. In RSS, and in Atom of type `text`, tags in the text mean HTML."""
        is_html = self.media_type == _XHTML or (is_atom and self.media_type == "text/html")
        return to_plain_text(self.text, is_html=True if is_html else None) or None

    def read_html(self, cleaner: FieldCleaner, name: str) -> str | None:
        if not holds_tags(self.text):
            return None
        html = sanitize_html(self.text)
        if html is None:
            cleaner.note(name, "nests too deep, left out")
        return html


def read_texts(cleaner: FieldCleaner, raw: dict[str, Any], *, is_atom: bool) -> EntryTexts:
    """The texts of one entry, given as a dict with feedparser's keys."""
    title = _clean(cleaner, "title", raw.get("title"), raw.get("title_detail"))
    # RSS `description`, Atom `summary`, else the element of another vocabulary
    names = ("summary", "media_description", "dc_description", "itunes_summary")
    name = next((name for name in names if raw.get(name)), "summary")
    summary = _clean(cleaner, "summary", raw.get(name), raw.get(f"{name}_detail"))
    contents: list[dict[str, Any]] = raw.get("content", [])
    content = next((part for part in contents if part.get("value")), {})
    body = _clean(cleaner, "body", content.get("value"), content)
    summary_text = summary.read_plain(is_atom=is_atom)
    body_text = body.read_plain(is_atom=is_atom)
    summary_html = summary.read_html(cleaner, "summary_html")
    body_html = body.read_html(cleaner, "body_html")
    is_same = body_text == summary_text
    return EntryTexts(
        title=_read_title(cleaner, title, is_atom=is_atom),
        summary=summary_text,
        body=None if is_same else body_text,
        summary_html=summary_html,
        body_html=None if is_same and body_html == summary_html else body_html,
    )


def _clean(
    cleaner: FieldCleaner, name: str, value: str | None, detail: dict[str, Any] | None
) -> _Construct:
    text = cleaner.cut(name, cleaner.repair(name, value), _MAX_TEXT) if value else ""
    return _Construct(text, (detail or {}).get("type") or "text/plain")


def _read_title(cleaner: FieldCleaner, title: _Construct, *, is_atom: bool) -> str | None:
    """The title. An Atom title of type `text` is never HTML (RFC 4287 §3.1.1.1)."""
    if is_atom and title.media_type == "text/plain":
        text = to_plain_text(title.text, is_html=False)
    else:
        text = title.read_plain(is_atom=is_atom) or ""
    return cleaner.cut("title", text, _MAX_TITLE) or None
