"""Edit the feed list: add and remove feeds, export the list.

The edited document is read, as strictly as any list, before it replaces the file in one step.
"""

import fcntl
import os
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.document import PlacedFeed, cut_feeds, insert_feeds
from silkwire.feeds.opml.read import (
    ListedFeed,
    iterate_feed_outlines,
    list_feeds,
    parse_opml,
    read_document,
)
from silkwire.feeds.opml.urls import fold_url, split_feed_url

EMPTY_LIST = b"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>silkwire</title>
  </head>
  <body>
  </body>
</opml>
"""


@dataclass(slots=True)
class _OpenList:
    document: bytes
    listed: tuple[ListedFeed, ...]


def add_feeds(
    path: Path, placed: Sequence[PlacedFeed], known_topics: Collection[str]
) -> tuple[ListedFeed, ...]:
    """Append feeds to their folders, which are created where missing; return those added.

    A feed that is listed already, however its url is spelt, is left alone. The file is created if
    it is missing.
    """
    with _open_list(path, known_topics) as opened:
        fresh = select_new(placed, opened.listed)
        opened.document = insert_feeds(opened.document, fresh)
    return tuple(item.feed for item in fresh)


def select_new(
    placed: Sequence[PlacedFeed], listed: Sequence[ListedFeed]
) -> tuple[PlacedFeed, ...]:
    """The feeds that are not listed yet, each once, however their urls are spelt."""
    known = {fold_url(feed.feed_url) for feed in listed}
    fresh: dict[str, PlacedFeed] = {}
    for item in placed:
        name = fold_url(item.feed.feed_url)
        if name not in known:
            fresh.setdefault(name, item)
    return tuple(fresh.values())


def remove_feeds(path: Path, urls: Sequence[str], known_topics: Collection[str]) -> tuple[str, ...]:
    """Remove feeds, and folders that this leaves empty; return the urls that are not listed."""
    wanted = {url: fold_url(split_feed_url(url).feed_url) for url in urls}
    with _open_list(path, known_topics) as opened:
        known = {fold_url(feed.feed_url) for feed in opened.listed}
        opened.document = cut_feeds(opened.document, set(wanted.values()))
    return tuple(url for url, name in wanted.items() if name not in known)


def export_list(path: Path, known_topics: Collection[str], *, has_credentials: bool) -> bytes:
    """The list as other programs read it. Raises ConfigError for a mistake in it."""
    tree = parse_opml(read_document(path), path)
    list_feeds(tree, path, known_topics)
    for outline in iterate_feed_outlines(tree, path):
        url = split_feed_url(outline.get("xmlUrl", ""))
        if url.credential is not None and not has_credentials:
            outline.set("xmlUrl", url.feed_url)
        if outline.get("type") is None:
            outline.set("type", "rss")  # OPML 2.0 asks for it, and some programs need it
    return etree.tostring(tree, encoding="UTF-8", xml_declaration=True) + b"\n"


@contextmanager
def _open_list(path: Path, known_topics: Collection[str]) -> Iterator[_OpenList]:
    """Yield the list to one editor at a time; its changes to `document` are saved at the end."""
    target = path.resolve()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with _lock_folder(target.parent):
            before = read_document(path) if target.exists() else EMPTY_LIST
            tree = parse_opml(before, path)
            opened = _OpenList(before, list_feeds(tree, path, known_topics))
            _require_utf8(tree, path)
            yield opened
            if opened.document != before:
                list_feeds(parse_opml(opened.document, path), path, known_topics)
                _replace(target, opened.document)
    except OSError as exc:
        raise ConfigError(
            f"the feed list cannot be written ({exc.strerror}); "
            "SILKWIRE_CONFIG_DIR may name a folder of your own",
            file=target,
        ) from exc


def _require_utf8(tree: etree._ElementTree, path: Path) -> None:
    encoding = (tree.docinfo.encoding or "UTF-8").upper()
    if encoding not in ("UTF-8", "ASCII", "US-ASCII"):
        raise ConfigError(f"save the list as UTF-8 to have it edited; it is {encoding}", file=path)


def _replace(target: Path, document: bytes) -> None:
    """Write a temporary file and rename it, so that readers see the old list or the new one."""
    with NamedTemporaryFile(dir=target.parent, prefix=".feeds-", delete=False) as out:
        beside = Path(out.name)
        try:
            out.write(document)
            out.flush()
            os.fsync(out.fileno())
            beside.chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
            beside.replace(target)
        finally:
            beside.unlink(missing_ok=True)


@contextmanager
def _lock_folder(folder: Path) -> Iterator[None]:
    """Lock the folder: an edit replaces the list's file, so a lock on that would not last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
