"""Insert feeds into the bytes of an OPML document and cut them out; all other bytes stay. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from silkwire.feeds.opml.layout import Node, locate_outlines
from silkwire.feeds.opml.read import ListedFeed
from silkwire.feeds.opml.urls import fold_url, join_credential, split_feed_url

_MINUTES = {"d": 24 * 60, "h": 60, "m": 1}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(rb"[ \t]*\r?\n")
_Line = tuple[str, tuple[str, ...]]
"""A feed's outline, inside the folders that the list does not have yet."""


@dataclass(frozen=True, slots=True)
class PlacedFeed:
    """A feed and the folders to put it into, outermost first."""

    feed: ListedFeed
    folders: tuple[str, ...] = ()


def insert_feeds(document: bytes, placed: Sequence[PlacedFeed]) -> bytes:
    """The document with the feeds at the end of their folders; missing folders are created."""
    body = locate_outlines(document)
    groups: dict[int, tuple[Node, list[_Line]]] = {}
    for item in placed:
        node, depth = _find_folder(body, item.folders)
        line = (write_outline(item.feed, item.folders), item.folders[depth:])
        groups.setdefault(node.start, (node, []))[1].append(line)
    for node, lines in sorted(groups.values(), key=lambda group: -group[0].inner_end):
        document = _insert_into(document, node, lines)
    return document


def cut_feeds(document: bytes, names: set[str]) -> bytes:
    """The document without the feeds of these folded urls and the folders that this empties."""
    body = locate_outlines(document)
    spans = [_line_span(document, node) for node in _find_cut(body, names)]
    for start, end in sorted(spans, reverse=True):
        document = document[:start] + document[end:]
    return document


def write_outline(feed: ListedFeed, folders: Sequence[str] = ()) -> str:
    """The outline of a feed. Tags that are names of its folders are not repeated as `category`."""
    return (
        "<outline"
        + _write_attributes(
            {
                "text": feed.title or feed.feed_url,
                "xmlUrl": join_credential(feed.feed_url, feed.credential),
                "htmlUrl": feed.homepage_url,
                "outlet": feed.outlet,
                "language": feed.language,
                "poll": _write_poll(feed),
                "category": ",".join(tag for tag in feed.tags if tag not in folders),
                "topics": " ".join(feed.topics),
            }
        )
        + "/>"
    )


def _write_poll(feed: ListedFeed) -> str | None:
    if feed.poll is None:
        return None
    minutes = round(feed.poll.total_seconds() / 60)
    unit, length = next(item for item in _MINUTES.items() if minutes % item[1] == 0)
    return f"{minutes // length}{unit}"


def _write_attributes(values: dict[str, str | None]) -> str:
    return "".join(
        f' {name}="{escape(_NOT_XML.sub(" ", value), {chr(34): "&quot;"})}"'
        for name, value in values.items()
        if value
    )


def _find_folder(body: Node, folders: tuple[str, ...]) -> tuple[Node, int]:
    """The deepest existing folder of the path, and how many of the path's names exist."""
    node = body
    for depth, name in enumerate(folders):
        inner = [c for c in node.children if c.name == name and "xmlUrl" not in c.attributes]
        if not inner:
            return node, depth
        node = inner[0]
    return node, len(folders)


def _insert_into(document: bytes, node: Node, lines: Sequence[_Line]) -> bytes:
    line_start = document.rfind(b"\n", 0, node.inner_end) + 1
    before_end_tag = document[line_start : node.inner_end]
    if node.inner_end == node.end:  # `<body/>`
        inserted = "<body>" + "".join(_write_tree(lines, "")) + "</body>"
        return document[: node.start] + inserted.encode() + document[node.end :]
    if before_end_tag.strip():  # the end tag is not alone on its line
        inserted = "".join(_write_tree(lines, ""))
        return document[: node.inner_end] + inserted.encode() + document[node.inner_end :]
    newline = "\r\n" if b"\r\n" in document else "\n"
    indent = _child_indent(document, node, before_end_tag.decode())
    inserted = "".join(indent + line + newline for line in _write_tree(lines, "  "))
    return document[:line_start] + inserted.encode() + document[line_start:]


def _child_indent(document: bytes, node: Node, own_indent: str) -> str:
    for child in node.children:
        line_start = document.rfind(b"\n", 0, child.start) + 1
        if not document[line_start : child.start].strip():
            return document[line_start : child.start].decode()
    return own_indent + "  "


def _write_tree(lines: Sequence[_Line], unit: str) -> Iterator[str]:
    """The outlines of the feeds, then each new folder with its content."""
    inner: dict[str, list[_Line]] = {}
    for outline, new_folders in lines:
        if new_folders:
            inner.setdefault(new_folders[0], []).append((outline, new_folders[1:]))
        else:
            yield outline
    for name, rest in inner.items():
        yield f"<outline{_write_attributes({'text': name})}>"
        for written in _write_tree(rest, unit):
            yield unit + written
        yield "</outline>"


def _find_cut(body: Node, names: set[str]) -> Iterator[Node]:
    """The nodes to cut: each feed, or the outermost folder that would be empty without it."""

    def is_cut(node: Node) -> bool:
        if "xmlUrl" in node.attributes:
            return fold_url(split_feed_url(node.attributes["xmlUrl"]).feed_url) in names
        return not node.has_comment and all(is_cut(child) for child in node.children)

    waiting = list(body.children)
    while waiting:
        node = waiting.pop()
        if is_cut(node):
            yield node
        else:
            waiting.extend(node.children)


def _line_span(document: bytes, node: Node) -> tuple[int, int]:
    """The bytes of an element, or of its whole line if the line holds nothing else."""
    line_start = document.rfind(b"\n", 0, node.start) + 1
    line_end = _LINE_END.match(document, node.end)
    if line_end is None or document[line_start : node.start].strip():
        return node.start, node.end
    return line_start, line_end.end()
