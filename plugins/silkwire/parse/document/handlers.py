"""feedparser's element handlers where silkwire needs them otherwise, and why.

feedparser knows what the elements of twenty formats mean; it is given repaired text, one piece for
a text node, and neither sanitises, resolves nor parses dates: silkwire decides those by itself.
"""

import copy
import re
from collections.abc import Callable
from functools import partial
from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict

_MAX_AUTHOR = 200
_MAX_TAGS = 1000
"""Categories kept of one entry."""
_XHTML = "application/xhtml+xml"
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_LABELS = {"category", "tags", "itunes_keywords"}
"""Elements whose handlers store the text themselves."""


class _AsIs(str):
    """A text that feedparser's table of C1 controls leaves alone: `clean_text` does that."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        del table
        return str(self)


class ElementHandlers(_FeedParserMixin):  # type: ignore[misc]
    """What to do at each element's start and end; the walk through them is the reader's."""

    resolve_relative_uris = False
    sanitize_html = False

    def __init__(self) -> None:
        self.baseuri = ""
        self.lang = None
        self.encoding = "unicode"  # any name but utf-8: feedparser then repairs nothing unasked
        self.entities: dict[str, str] = {}
        self.contentparams: dict[str, Any]
        self._ends: dict[str, Callable[[], object]] = {}
        super().__init__()

    @staticmethod
    def decode_entities(element: str, data: str) -> str:
        del element
        return _AsIs(data)

    def unknown_endtag(self, tag: str) -> None:
        """As feedparser's, which looks for the method of each element anew."""
        prefix, colon, suffix = tag.partition(":")
        if not colon:
            prefix, suffix = "", tag
        prefix = self.namespacemap.get(prefix, prefix)
        name = f"{prefix}_{suffix}" if prefix else suffix
        if self.svgOK or suffix == "svg":
            super().unknown_endtag(tag)
            return
        end = self._ends.get(name)
        if end is None:
            end = self._ends[name] = getattr(self, f"_end_{name}", partial(self.pop, name))
        try:
            end()
        except AttributeError:
            self.pop(name)
        if self.incontent and not self._end_inline(tag):
            return
        if self.basestack:
            self.basestack.pop()
            if self.basestack and self.basestack[-1]:
                self.baseuri = self.basestack[-1]
        if self.langstack:
            self.langstack.pop()
            if self.langstack:
                self.lang = self.langstack[-1]
        self.depth -= 1

    def _end_inline(self, tag: str) -> bool:
        """Markup in a text becomes part of it; False for a `div` that was passed over."""
        if not self.contentparams.get("type", "xml").endswith("xml"):
            if tag in ("xhtml:div", "div"):
                return False
            self.contentparams["type"] = _XHTML
        if self.contentparams.get("type") == _XHTML:
            self.handle_data(f"</{tag.rpartition(':')[2]}>", escape=0)
        return True

    def pop(self, element: str, strip_whitespace: int = 1) -> str | None:
        """As feedparser's, but for steps that change nothing here.

        No piece is of bytes, no url is resolved, nothing is sanitised, and C1 controls are
        `clean_text`'s. XHTML and base64 go feedparser's own way.
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
        """Where feedparser puts the text of an element."""
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
        self.contentparams = dict(self.contentparams)  # asked often, and by its own names

    def resolve_uri(self, uri: str) -> str:
        return uri  # urljoin rewrites absolute urls too

    def _start_description(self, attrs: dict[str, str]) -> None:
        # A second summary is no content: that is how media:description became the full text.
        self.push_content("description", attrs, "text/html", 1)

    def _end_description(self) -> None:
        self.pop_content("description")

    _end_abstract = _end_description

    def _start_summary(self, attrs: dict[str, str]) -> None:
        self.push_content("summary", attrs, "text/plain", 1)

    def _end_summary(self) -> None:
        self.pop_content("summary")

    def _start_media_description(self, attrs: dict[str, str]) -> None:
        self.push("media_description", 1)

    def _end_media_description(self) -> None:
        self.pop("media_description")

    def _start_dc_description(self, attrs: dict[str, str]) -> None:
        self.push("dc_description", 1)

    def _end_dc_description(self) -> None:
        self.pop("dc_description")

    def _end_dc_title(self) -> None:
        self._end_media_title()  # as media:title: the feed's own title goes before

    def _start_itunes_summary(self, attrs: dict[str, str]) -> None:
        self.push("itunes_summary", 1)

    def _end_itunes_summary(self) -> None:
        self.pop("itunes_summary")

    def _start_content(self, attrs: dict[str, str]) -> None:
        self.hasContent = 1
        self.push_content("content", attrs, "text/plain", 1)

    def _end_content(self) -> None:
        self.pop_content("content")  # feedparser copies it to an empty summary

    _end_body = _end_xhtml_body = _end_content_encoded = _end_fullitem = _end_content

    def _start_published(self, attrs: dict[str, str]) -> None:
        self.push("published", 0)  # dates are read from the element

    def _end_published(self) -> None:
        self.pop("published")

    _start_issued = _start_pubdate = _start_dc_date = _start_created = _start_published
    _start_updated = _start_modified = _start_lastbuilddate = _start_published
    _start_dcterms_created = _start_dcterms_issued = _start_dcterms_modified = _start_published
    _end_issued = _end_pubdate = _end_dc_date = _end_created = _end_published
    _end_updated = _end_modified = _end_lastbuilddate = _end_published
    _end_dcterms_created = _end_dcterms_issued = _end_dcterms_modified = _end_published

    def _cdf_common(self, attrs: dict[str, str]) -> None:
        """CDF keeps link and date in attributes: read from the element."""

    def _end_source(self) -> None:
        self.insource = 0
        title = self.pop("source")
        if title:
            self.sourcedata["title"] = title
        self._get_context()["source"] = copy.copy(self.sourcedata)
        self.sourcedata.clear()

    def _sync_author_detail(self, key: str = "author") -> None:
        """As feedparser's, whose search for an address is quadratic: only where a name can be."""
        if len(self._get_context().get(key) or "") <= _MAX_AUTHOR:
            super()._sync_author_detail(key)

    def _add_tag(self, term: Any, scheme: Any, label: Any) -> None:
        """As feedparser's, without comparing each with all (10,000 categories took minutes)."""
        tags = self._get_context().setdefault("tags", [])
        if (term or scheme or label) and len(tags) < _MAX_TAGS:
            tags.append(FeedParserDict(term=term, scheme=scheme, label=label))
