"""Walk an element tree and call feedparser's handlers: entries, their elements, the feed's data."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lxml import etree

from silkwire.parse.document.feedparser_handlers import ElementHandlers
from silkwire.parse.document.limits import MAX_ATTRIBUTES, MAX_ENTRIES

Handler = Callable[[dict[str, str]], None]

_READ_FROM_TREE = {  # `element_fields` reads these, or nothing does
    "pubdate", "published", "issued", "created", "updated", "modified", "guid", "id", "dc:date",
    "dc:language", "dcterms:issued", "dcterms:created", "dcterms:modified", "expirationdate",
    "feedburner:origlink", "comments",
}  # fmt: skip
_UNUSED = {"width", "height", "cloud", "generator", "newlocation", "dcterms:valid"}
_WITHOUT_HANDLER = {"ttl", "sy:updateperiod", "sy:updatefrequency"}
# What feedparser's handlers raise for elements nested where no feed should have them; such an
# element is ignored. feedparser itself suppresses AttributeError alone.
_HANDLER_ERRORS = (AttributeError, IndexError, KeyError, TypeError, ValueError)
_USERLAND = "http://backend.userland.com/rss"
_IMAGE_PARTS = {"title", "link", "description", "name", "url", "href", "width", "height"}


class _Entry(dict[str, Any]):
    """An entry as a plain dict: the old key names of feedparser's class cost half of the time."""

    __slots__ = ()
    __hash__ = object.__hash__  # type: ignore[assignment]  # feedparser uses entries as keys


class FeedReader(ElementHandlers):
    """Reads one document: `read_tree` fills `entries`, `feeddata` and `elements`.

    `elements` holds the element of each entry, for the fields that silkwire reads itself.
    """

    def __init__(self) -> None:
        self.elements: list[etree._Element] = []
        self._names: dict[str, str] = {}
        self._handlers: dict[str, Handler | None] = {}
        self._element: etree._Element | None = None
        super().__init__()

    def read_tree(self, root: etree._Element) -> None:
        """Call the handlers for the elements of `root`, for MAX_ENTRIES entries at most."""
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
                    with suppress(*_HANDLER_ERRORS):
                        self.unknown_endtag(self._names[node.tag])
                if node.tail and (self.incontent or not node.tail.isspace()):
                    self.handle_data(node.tail)
        del self.entries[MAX_ENTRIES:], self.elements[MAX_ENTRIES:]

    def _start_node(self, node: etree._Element) -> bool:
        """Call the handler of `node`. Return True if it has none: its end is then skipped too."""
        name = self._names.get(str(node.tag)) or self.name_element(node)
        if self.incontent:  # inline markup becomes text
            with suppress(*_HANDLER_ERRORS):
                self.unknown_starttag(name, self._read_attributes(node))
        elif not self._call_handler(name, node):
            return True
        if node.text:
            self.handle_data(node.text)
        return False

    def _call_handler(self, name: str, node: etree._Element) -> bool:
        """Do what feedparser's `unknown_starttag` does outside of content.

        Return False if nothing reads `node`.
        """
        start = self._find_handler(name)
        if start is None or (self.inentry and name in _READ_FROM_TREE and not self.insource):
            return False
        self._element = node
        self.depth += 1
        # feedparser's guard against an image or text input that is never closed
        if ":" not in name and name not in _IMAGE_PARTS:
            self.intextinput = self.inimage = 0
        with suppress(*_HANDLER_ERRORS):
            start(dict(map(self._normalize_attributes, self._read_attributes(node))))
        return True

    def _find_handler(self, name: str) -> Handler | None:
        """The handler for the start of an element; None if nothing reads the element."""
        if name not in self._handlers:
            method = name.replace(":", "_")
            handler: Handler | None = getattr(self, f"_start_{method}", None)
            if handler is None and (name in _WITHOUT_HANDLER or hasattr(self, f"_end_{method}")):
                handler = lambda _: self.push(method, 1)  # noqa: E731
            self._handlers[name] = None if name in _UNUSED else handler
        return self._handlers[name]

    def name_element(self, node: etree._Element) -> str:
        """feedparser's name for an element, such as `pubdate` or `dc:date`."""
        tag = str(node.tag)
        if tag in self._names:
            return self._names[tag]
        namespace, _, local = tag.rpartition("}")
        if namespace:
            uri = namespace[1:].lower()
            uri = _USERLAND if "backend.userland.com/rss" in uri else uri
            prefix = self._matchnamespaces.get(uri, node.prefix or "")
        else:  # the local name still holds an undeclared prefix
            prefix, _, local = local.rpartition(":")
            prefix = "" if prefix.lower() in ("rss", "atom", "a10") else prefix
        name = f"{prefix}:{local}".lower() if prefix else local.lower()
        self._names[tag] = name
        return name

    def _read_attributes(self, node: etree._Element) -> list[tuple[str, str]]:
        if not 0 < len(node.attrib) <= MAX_ATTRIBUTES:
            return []
        return [(self._name_attribute(str(key)), str(value)) for key, value in node.items()]

    def _name_attribute(self, key: str) -> str:
        namespace, _, local = key.rpartition("}")
        prefix = self._matchnamespaces.get(namespace[1:].lower(), "")
        return f"{prefix}:{local}".lower() if prefix else local.lower()

    @staticmethod
    def _normalize_attributes(pair: tuple[str, str]) -> tuple[str, str]:
        name, value = pair
        return name, value.lower() if name in ("rel", "type") else value

    def _start_item(self, attrs: dict[str, str]) -> None:
        del attrs
        if self._element is not None:
            self.elements.append(self._element)
        self.entries.append(_Entry())
        self.push("item", 0)
        self.inentry, self.guidislink, self.title_depth = 1, 0, -1

    _start_entry = _start_item
