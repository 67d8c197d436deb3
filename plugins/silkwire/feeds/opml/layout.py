"""Locate each outline in the bytes of the feed list, so that an edit changes nothing else."""

import re
from dataclasses import dataclass, field
from xml.parsers import expat  # nosec B406 - gives byte positions; `read.parse_opml` goes first

_START_TAG = re.compile(rb"<[^\s/>]+(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")


@dataclass(slots=True)
class Node:
    """An `<outline>` or the `<body>`: bytes [start, end) of the document."""

    attributes: dict[str, str]
    start: int
    children: list["Node"] = field(default_factory=list)
    inner_end: int = 0
    """Where the end tag begins; equal to `end` if there is none (`<outline/>`)."""
    end: int = 0
    has_comment: bool = False

    @property
    def name(self) -> str:
        return " ".join((self.attributes.get("text") or "").split())


def locate_outlines(document: bytes) -> Node:
    """The body of a well-formed OPML document in UTF-8, with its outlines."""
    root = Node({}, 0)
    open_nodes = [root]
    parser = expat.ParserCreate("utf-8")

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag in ("body", "outline"):
            node = Node(attributes, parser.CurrentByteIndex)
            open_nodes[-1].children.append(node)
            open_nodes.append(node)

    def end(tag: str) -> None:
        if tag in ("body", "outline"):
            node, index = open_nodes.pop(), parser.CurrentByteIndex
            start_tag = _START_TAG.match(document, node.start)
            if start_tag is not None and start_tag[0].endswith(b"/>"):
                node.inner_end = node.end = start_tag.end()
            else:
                node.inner_end, node.end = index, document.index(b">", index) + 1

    def comment(_text: str) -> None:
        open_nodes[-1].has_comment = True

    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CommentHandler = comment
    parser.Parse(document, True)
    return root.children[0]
