"""feedparser's element handlers, driven over our own tree.

feedparser knows what the elements of twenty formats mean; it is given repaired text, one piece for
a text node, and neither sanitises, resolves nor parses dates: those are decided by silkwire, from
the item's element (`FeedReader.elements`, one for each of `FeedReader.entries`).
"""

import copy
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

from feedparser.mixin import _FeedParserMixin
from feedparser.util import FeedParserDict
from lxml import etree

Handler = Callable[[dict[str, str]], None]

MAX_ENTRIES = 100_000
_MAX_ATTRIBUTES = 200
"""lxml looks each value up from the first attribute on."""
_MAX_AUTHOR = 200
_MAX_TAGS = 1000
"""Categories kept of one entry."""
_XML_PREFIX = "{http://www.w3.org/XML/1998/namespace}"
_OURS = {
    "pubdate", "published", "issued", "created", "updated", "modified", "guid", "id", "dc:date",
    "dc:language", "dcterms:issued", "dcterms:created", "dcterms:modified", "expirationdate",
    "feedburner:origlink", "comments",
}  # fmt: skip
"""Elements of an entry that are read from the tree (`facts`), or not at all."""
_UNUSED = {"width", "height", "cloud", "generator", "newlocation", "dcterms:valid"}
_TRUSTING = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What a handler of feedparser raises where elements lie in each other as no feed should have them:
the element then says nothing (feedparser itself suppresses AttributeError alone)."""
_PLAIN = {"ttl", "sy:updateperiod", "sy:updatefrequency"}
"""Elements without a handler of feedparser's whose text is wanted."""
_XHTML = "application/xhtml+xml"
_REFERENCE = re.compile("&([A-Za-z0-9_]+);")
_LABELS = {"category", "tags", "itunes_keywords"}
"""Elements whose handlers store the text themselves."""
_IMAGE_PARTS = {"title", "link", "description", "name", "url", "href", "width", "height"}


class _AsIs(str):
    """A text that feedparser's table of C1 controls leaves alone: `clean_text` does that."""

    __slots__ = ()

    def translate(self, table: Any) -> str:
        del table
        return str(self)


class _Entry(dict[str, Any]):
    """An entry as a plain dict: half of feedparser's time went into the old names of its own."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]  # feedparser uses entries as keys


class FeedReader(_FeedParserMixin):  # type: ignore[misc]
    """Reads one document: `read_tree`, then `entries`, `elements` and `feeddata`."""

    resolve_relative_uris = False
    sanitize_html = False

    def __init__(self) -> None:
        self.baseuri = ""
        self.lang = None
        self.encoding = "unicode"  # any name but utf-8: feedparser then repairs nothing unasked
        self.entities: dict[str, str] = {}
        self.elements: list[etree._Element] = []
        self._names: dict[str, str] = {}
        self._handlers: dict[str, tuple[Handler | None, bool]] = {}
        self._ends: dict[str, Callable[[], object]] = {}
        self._element: etree._Element | None = None
        self.contentparams: dict[str, Any]
        super().__init__()

    def read_tree(self, root: etree._Element) -> None:
        """Send the elements of `root` to feedparser's handlers; at most MAX_ENTRIES entries."""
        skipped: list[bool] = []  # for each open element
        for event, node in etree.iterwalk(root, events=("start", "end", "start-ns")):
            if event == "start":
                if len(self.entries) > MAX_ENTRIES:
                    break
                skipped.append(self._start_node(node))
            elif event == "start-ns":
                self.track_namespace(node[0] or None, node[1])
            else:
                if not skipped.pop():
                    with suppress(*_TRUSTING):
                        self.unknown_endtag(self._names[node.tag])
                if node.tail and (self.incontent or not node.tail.isspace()):
                    self.handle_data(node.tail)
        del self.entries[MAX_ENTRIES:], self.elements[MAX_ENTRIES:]

    def _start_node(self, node: etree._Element) -> bool:
        """Call the handler of `node`; whether there is none, so that its end is skipped too."""
        name = self._names.get(str(node.tag)) or self.name_element(node)
        if self.incontent:  # inline markup becomes text
            with suppress(*_TRUSTING):
                self.unknown_starttag(name, self._read_attributes(node))
        elif not self._call_handler(name, node):
            return True
        if node.text:
            self.handle_data(node.text)
        return False

    def _call_handler(self, name: str, node: etree._Element) -> bool:
        """What `unknown_starttag` does outside of content; False if nothing wants the element."""
        start, is_known = self._find_handlers(name)
        if not is_known or (self.inentry and name in _OURS and not self.insource):
            return False
        self._element = node
        self.depth += 1
        # feedparser's guard against an image or text input that is never closed
        if ":" not in name and name not in _IMAGE_PARTS:
            self.intextinput = self.inimage = 0
        if start is None:
            self.push(name.replace(":", "_"), 1)
        else:
            with suppress(*_TRUSTING):
                start(dict(self._read_attributes(node)))
        return True

    def _find_handlers(self, name: str) -> tuple[Handler | None, bool]:
        found = self._handlers.get(name)
        if found is None:
            method = name.replace(":", "_")
            start: Handler | None = getattr(self, f"_start_{method}", None)
            has_handler = start is not None or hasattr(self, f"_end_{method}")
            is_known = name in _PLAIN or (has_handler and name not in _UNUSED)
            found = self._handlers[name] = (start, is_known)
        return found

    def name_element(self, node: etree._Element) -> str:
        """feedparser's name for an element, such as `pubdate` or `dc:date`."""
        tag = str(node.tag)
        if tag in self._names:
            return self._names[tag]
        namespace, _, local = tag.rpartition("}")
        if namespace:
            prefix = self._matchnamespaces.get(_fold_namespace(namespace[1:]), node.prefix or "")
        else:  # an undeclared prefix stays in the name
            prefix, _, local = local.rpartition(":")
            prefix = "" if prefix.lower() in ("rss", "atom", "a10") else prefix
        name = f"{prefix}:{local}".lower() if prefix else local.lower()
        self._names[tag] = name
        return name

    def _read_attributes(self, node: etree._Element) -> list[tuple[str, str]]:
        if not 0 < len(node.attrib) <= _MAX_ATTRIBUTES:
            return []
        return [
            self._normalize_attributes((self._name_attribute(str(key)), str(value)))
            for key, value in node.items()
        ]

    def _name_attribute(self, key: str) -> str:
        if not key.startswith("{"):
            return key.lower()
        if key.startswith(_XML_PREFIX):
            return "xml:" + key[len(_XML_PREFIX) :].lower()
        namespace, _, local = key[1:].partition("}")
        prefix = self._matchnamespaces.get(namespace.lower(), "")
        return f"{prefix}:{local}".lower() if prefix else local.lower()

    @staticmethod
    def _normalize_attributes(pair: tuple[str, str]) -> tuple[str, str]:
        name, value = pair
        return name, value.lower() if name in ("rel", "type") else value

    # What feedparser does otherwise, and why not here.

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

    def _start_item(self, attrs: dict[str, str]) -> None:
        del attrs
        if self._element is not None:
            self.elements.append(self._element)
        self.entries.append(_Entry())
        self.push("item", 0)
        self.inentry, self.guidislink, self.title_depth = 1, 0, -1

    _start_entry = _start_item

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


def _fold_namespace(uri: str) -> str:
    uri = uri.lower()
    return "http://backend.userland.com/rss" if "backend.userland.com/rss" in uri else uri
