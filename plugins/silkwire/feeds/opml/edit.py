"""Edit the feed list: add, import and remove feeds; every other byte of the file stays.

The edited text must read without a mistake before it replaces the file, in one step.
"""

import fcntl
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.layout import Node, locate_outlines
from silkwire.feeds.opml.read import (
    ListedFeed,
    iterate_feed_outlines,
    parse_opml,
    read_feed_list,
)
from silkwire.feeds.opml.urls import fold_url, join_credential, split_feed_url

EMPTY_LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>silkwire</title>
  </head>
  <body>
  </body>
</opml>
"""
_MINUTES_PER_DAY, _MINUTES_PER_HOUR = 24 * 60, 60
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile(rb"[ \t]*\r?\n")


@dataclass(frozen=True, slots=True)
class PlacedFeed:
    """A feed and the folders that it shall lie in, outermost first."""

    feed: ListedFeed
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    outline: str
    new_folders: tuple[str, ...]
    """Folders around it that the list does not have yet."""


def add_feeds(
    path: Path, placed: Sequence[PlacedFeed], known_topics: Collection[str]
) -> tuple[ListedFeed, ...]:
    """Append feeds to their folders, which are created where missing; return those added.

    A feed that is listed already, however spelt, is left alone. The file is created if missing.
    """
    added: list[ListedFeed] = []

    def insert(document: bytes, listed: Sequence[ListedFeed]) -> bytes:
        fresh = select_new(placed, listed)
        added.extend(item.feed for item in fresh)
        return insert_feeds(document, fresh)

    _edit(path, insert, known_topics)
    return tuple(added)


def select_new(
    placed: Sequence[PlacedFeed], listed: Sequence[ListedFeed]
) -> tuple[PlacedFeed, ...]:
    """Those that are not listed yet, each once, however their urls are spelt."""
    known = {fold_url(feed.feed_url) for feed in listed}
    fresh: dict[str, PlacedFeed] = {}
    for item in placed:
        name = fold_url(item.feed.feed_url)
        if name not in known:
            fresh.setdefault(name, item)
    return tuple(fresh.values())


def export_list(path: Path, known_topics: Collection[str], *, has_credentials: bool) -> bytes:
    """The list for other programs: as it is, but for the credentials. Raises ConfigError."""
    read_feed_list(path, known_topics)
    tree = parse_opml(path)
    for outline in iterate_feed_outlines(tree, path):
        url = split_feed_url(outline.get("xmlUrl", ""))
        if url.credential is not None and not has_credentials:
            outline.set("xmlUrl", url.feed_url)
        if outline.get("type") is None:
            outline.set("type", "rss")  # OPML 2.0 wants it, and some readers do
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True) + b"\n"


def remove_feeds(path: Path, urls: Sequence[str], known_topics: Collection[str]) -> tuple[str, ...]:
    """Take feeds off the list, and folders that this leaves empty; return the urls not found."""
    missing: list[str] = []

    def cut(document: bytes, listed: Sequence[ListedFeed]) -> bytes:
        known = {fold_url(feed.feed_url) for feed in listed}
        wanted = {url: fold_url(split_feed_url(url).feed_url) for url in urls}
        missing.extend(url for url, name in wanted.items() if name not in known)
        return cut_feeds(document, set(wanted.values()))

    _edit(path, cut, known_topics)
    return tuple(missing)


def insert_feeds(document: bytes, placed: Sequence[PlacedFeed]) -> bytes:
    """The document with the feeds at the end of their folders."""
    body = locate_outlines(document)
    groups: dict[int, tuple[Node, list[_Line]]] = {}
    for item in placed:
        node, depth = _find_folder(body, item.folders)
        line = _Line(write_outline(item.feed, item.folders), item.folders[depth:])
        groups.setdefault(node.start, (node, []))[1].append(line)
    for node, lines in sorted(groups.values(), key=lambda group: -group[0].inner_end):
        document = _insert_into(document, node, lines)
    return document


def cut_feeds(document: bytes, names: set[str]) -> bytes:
    """The document without the feeds of these folded urls."""
    body = locate_outlines(document)
    spans = [_line_span(document, node) for node in _find_doomed(body, names)]
    for start, end in sorted(spans, reverse=True):
        document = document[:start] + document[end:]
    return document


def write_outline(feed: ListedFeed, folders: Sequence[str] = ()) -> str:
    """The outline of a feed; its folders are tags already and not repeated as `category`."""
    tags = [tag for tag in feed.tags if tag not in folders]
    values = {
        "text": feed.title or feed.feed_url,
        "xmlUrl": join_credential(feed.feed_url, feed.credential),
        "htmlUrl": feed.homepage_url,
        "outlet": feed.outlet,
        "language": feed.language,
        "poll": _write_poll(feed),
        "category": ",".join(tags),
        "topics": " ".join(feed.topics),
    }
    return f"<outline {_write_attributes(values)}/>"


def _write_poll(feed: ListedFeed) -> str | None:
    if feed.poll is None:
        return None
    minutes = round(feed.poll.total_seconds() / 60)
    for unit, length in (("d", _MINUTES_PER_DAY), ("h", _MINUTES_PER_HOUR)):
        if minutes % length == 0:
            return f"{minutes // length}{unit}"
    return f"{minutes}m"


def _write_attributes(values: dict[str, str | None]) -> str:
    return " ".join(
        f'{name}="{escape(_NOT_XML.sub(" ", value), {chr(34): "&quot;"})}"'
        for name, value in values.items()
        if value
    )


def _find_folder(body: Node, folders: tuple[str, ...]) -> tuple[Node, int]:
    """The deepest folder of the path that exists, and how many of its names that is."""
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
    """Feeds first, then each new folder with what lies in it."""
    inner: dict[str, list[_Line]] = {}
    for line in lines:
        if line.new_folders:
            rest = _Line(line.outline, line.new_folders[1:])
            inner.setdefault(line.new_folders[0], []).append(rest)
        else:
            yield line.outline
    for name, rest_lines in inner.items():
        yield f"<outline {_write_attributes({'text': name})}>"
        for written in _write_tree(rest_lines, unit):
            yield unit + written
        yield "</outline>"


def _find_doomed(body: Node, names: set[str]) -> Iterator[Node]:
    """Feeds to cut; a folder that would hold nothing more stands for all that is in it."""

    def is_doomed(node: Node) -> bool:
        if "xmlUrl" in node.attributes:
            return fold_url(split_feed_url(node.attributes["xmlUrl"]).feed_url) in names
        return not node.has_comment and all(is_doomed(child) for child in node.children)

    waiting = list(body.children)
    while waiting:
        node = waiting.pop()
        if is_doomed(node):
            yield node
        else:
            waiting.extend(node.children)


def _line_span(document: bytes, node: Node) -> tuple[int, int]:
    """The bytes of an element, with its line if it has that to itself."""
    line_start = document.rfind(b"\n", 0, node.start) + 1
    line_end = _LINE_END.match(document, node.end)
    if line_end is None or document[line_start : node.start].strip():
        return node.start, node.end
    return line_start, line_end.end()


def _edit(
    path: Path,
    change: Callable[[bytes, Sequence[ListedFeed]], bytes],
    known_topics: Collection[str],
) -> None:
    target = path.resolve()
    with _lock_folder(target):
        listed, document = _read(path, target, known_topics)
        edited = change(document, listed)
        if edited != document:
            _replace(target, edited, known_topics)


def _read(
    path: Path, target: Path, known_topics: Collection[str]
) -> tuple[Sequence[ListedFeed], bytes]:
    if not target.exists():
        return (), EMPTY_LIST
    listed = read_feed_list(path, known_topics)
    encoding = (parse_opml(path).docinfo.encoding or "UTF-8").upper()
    if encoding not in ("UTF-8", "ASCII", "US-ASCII"):
        raise ConfigError(f"save the list as UTF-8 to have it edited; it is {encoding}", file=path)
    return listed, target.read_bytes()


def _replace(target: Path, document: bytes, known_topics: Collection[str]) -> None:
    """Write beside, check, rename: readers see the old list or the new one."""
    try:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".feeds-", suffix=".opml")
    except OSError as exc:
        raise _cannot_write(target, exc) from exc
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(document)
            out.flush()
            os.fsync(out.fileno())
        read_feed_list(name, known_topics)
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(name).replace(target)
    except OSError as exc:
        raise _cannot_write(target, exc) from exc
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


@contextmanager
def _lock_folder(target: Path) -> Iterator[None]:
    """One editor at a time; the list itself cannot be locked, since it is replaced."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        folder = os.open(target.parent, os.O_RDONLY)
    except OSError as exc:
        raise _cannot_write(target, exc) from exc
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def _cannot_write(target: Path, exc: OSError) -> ConfigError:
    return ConfigError(
        f"the feed list cannot be written ({exc.strerror}); "
        "SILKWIRE_CONFIG_DIR may name a folder of your own",
        file=target,
    )
