"""Override the handlers of feedparser for single elements.

feedparser knows what the elements of twenty formats mean. Here it gets repaired text and does not
sanitise HTML, resolve urls or parse dates: `silkwire.parse.entry` does.
"""

import re
from collections.abc import Callable
from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

_MAX_AUTHOR = 200
_MAX_TAGS = 1000  # categories of one entry
_XHTML = "application/xhtml+xml"
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_LABELS = {"category", "tags", "itunes_keywords"}  # their handlers store the text themselves
Handlers = tuple[Callable[[Any, dict[str, str]], None], Callable[[Any], None]]


def _handlers(element: str, content_type: str | None = None, *, is_stored: bool = True) -> Handlers:
    """Handlers for start and end of an element; one with a content type may hold markup."""

    def start(self: Any, attrs: dict[str, str]) -> None:
        if content_type:
            self.push_content(element, attrs, content_type, 1)
        else:
            self.push(element, int(is_stored))

    def end(self: Any) -> None:
        (self.pop_content if content_type else self.pop)(element)

    return start, end


class _AsIs(str):
    """A text in which feedparser does not translate C1 controls: `clean_text` does that."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        del table
        return str(self)


class ElementHandlers(_FeedParserMixin):  # type: ignore[misc]
    """The handlers; `FeedReader` calls them for each element."""

    resolve_relative_uris = False
    sanitize_html = False

    def __init__(self) -> None:
        self.baseuri = ""
        self.lang = None
        self.encoding = "unicode"  # any name but utf-8, for which feedparser repairs mojibake
        self.entities: dict[str, str] = {}
        self.contentparams: dict[str, Any]
        super().__init__()

    @staticmethod
    def decode_entities(element: str, data: str) -> str:
        del element
        return _AsIs(data)

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """Do what feedparser's method does, without the steps that have no effect here.

        These join bytes, resolve urls, sanitise and translate C1 controls. XHTML and base64 are
        left to feedparser's own method.
        """
        params = self.contentparams
        if params.get("type") == _XHTML or params.get("base64"):
            output: str | None = super().pop(element, strip_whitespace)
            return output
        if not self.elementstack or self.elementstack[-1][0] != element:
            return None
        _, is_text, pieces = self.elementstack.pop()
        text = "".join(pieces)
        if strip_whitespace:
            text = text.strip()
        if not is_text:
            return text
        if (
            params.get("type") == "text/plain"
            and not self.version.startswith("atom")
            and self.looks_like_html(text)
        ):
            params["type"] = "text/html"
        params.pop("mode", None)
        params.pop("base64", None)
        if element not in _LABELS and not (
            element == "title" and -1 < self.title_depth <= self.depth
        ):
            self._store(element, text)
        return text

    def _store(self, element: str, text: str) -> None:
        """Put the text of an element where feedparser puts it."""
        if self.inentry and not self.insource:
            self._store_in_entry(self.entries[-1], element, text)
        elif self.infeed or self.insource:
            element = "subtitle" if element == "description" else element
            context = self._get_context()
            context[element] = text
            if element == "link":
                context[element] = text = _REFERENCE.sub(r"&\g<1>", text)
                context["links"][-1]["href"] = text
            elif self.incontent:
                context[f"{element}_detail"] = {**self.contentparams, "value": text}

    def _store_in_entry(self, entry: dict[str, Any], element: str, text: str) -> None:
        if element == "content":
            entry.setdefault(element, []).append({**self.contentparams, "value": text})
            return
        if element == "link":
            if not self.inimage:
                entry[element] = text = _REFERENCE.sub(r"&\g<1>", text.replace("&amp;", "&"))
                if text:
                    entry["links"][-1]["href"] = text
            return
        element = "summary" if element == "description" else element
        depths = self.property_depth_map.setdefault(entry, {})
        if element not in depths or self.depth <= depths[element]:
            depths[element] = self.depth
            entry[element] = text
        if self.incontent:
            entry[f"{element}_detail"] = {**self.contentparams, "value": text}

    def push_content(
        self, tag: str, attrs: dict[str, str], default_content_type: str, expecting_text: int
    ) -> None:
        super().push_content(tag, attrs, default_content_type, expecting_text)
        self.contentparams = dict(self.contentparams)  # read often; a FeedParserDict is slow

    def resolve_uri(self, uri: str) -> str:
        return uri  # feedparser's urljoin would also rewrite absolute urls

    # feedparser takes a second `description` as the content: `media:description` would become
    # the full text.
    _start_description, _end_description = _handlers("description", "text/html")
    _end_abstract = _end_description
    _start_summary, _end_summary = _handlers("summary", "text/plain")
    # Unlike feedparser's method, this does not copy the content to an empty summary.
    _start_content, _end_content = _handlers("content", "text/plain")
    _end_body = _end_xhtml_body = _end_content_encoded = _end_fullitem = _end_content

    _start_media_description, _end_media_description = _handlers("media_description")
    _start_dc_description, _end_dc_description = _handlers("dc_description")
    _start_itunes_summary, _end_itunes_summary = _handlers("itunes_summary")

    # Dates are read from the element (`element_fields`), not by feedparser.
    _start_published, _end_published = _handlers("published", is_stored=False)
    _start_issued = _start_pubdate = _start_dc_date = _start_created = _start_published
    _start_updated = _start_modified = _start_lastbuilddate = _start_published
    _start_dcterms_created = _start_dcterms_issued = _start_dcterms_modified = _start_published
    _end_issued = _end_pubdate = _end_dc_date = _end_created = _end_published
    _end_updated = _end_modified = _end_lastbuilddate = _end_published
    _end_dcterms_created = _end_dcterms_issued = _end_dcterms_modified = _end_published

    def _end_dc_title(self) -> None:
        self._end_media_title()  # unlike feedparser's, does not replace the entry's own title

    def _sync_author_detail(self, key: str = "author") -> None:
        """Call feedparser's method for short texts only: its search for an address is quadratic."""
        if len(self._get_context().get(key) or "") <= _MAX_AUTHOR:
            super()._sync_author_detail(key)

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        """Add a tag without feedparser's search for duplicates (10,000 tags took minutes)."""
        tags = self._get_context().setdefault("tags", [])
        if (term or scheme or label) and len(tags) < _MAX_TAGS:
            tags.append(FeedParserDict(term=term, scheme=scheme, label=label))
