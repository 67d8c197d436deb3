"""Read the lists that other feed readers export: take what is usable, report what is not."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.document import PlacedFeed
from silkwire.feeds.opml.read import (
    FEED_ATTRIBUTES,
    build_feed,
    fold_spaces,
    parse_homepage,
    parse_language,
    parse_poll,
    split_topics,
)
from silkwire.feeds.opml.urls import FeedUrlError, fold_url

MAX_BYTES = 100_000_000
_BEFORE_HTTP = re.compile(r"feed:(?://)?(?=https?:)", re.IGNORECASE)
_FOR_HTTP = re.compile(r"feed:(?=//)", re.IGNORECASE)
"""Some programs write `feed:` before, or in place of, `http:`."""
_NAMES = {name.lower(): name for name in FEED_ATTRIBUTES}
_PARSERS = {"htmlUrl": parse_homepage, "language": parse_language, "poll": parse_poll}


@dataclass(frozen=True, slots=True)
class SkippedOutline:
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ForeignList:
    """The feeds of a foreign list with their folders, and the outlines that were skipped."""

    placed: tuple[PlacedFeed, ...]
    skipped: tuple[SkippedOutline, ...]


def read_foreign_list(path: Path, known_topics: Collection[str]) -> ForeignList:
    """Read an OPML file of any program; of a feed's `topics` only `known_topics` are kept.

    Raises ConfigError if there is no feed in it at all.
    """
    placed: dict[str, PlacedFeed] = {}
    skipped: list[SkippedOutline] = []
    for outline in _iterate_outlines(path):
        line = int(str(outline.sourceline or 0))
        try:
            found = _read_outline(outline, known_topics)
        except FeedUrlError as exc:
            skipped.append(SkippedOutline(line, str(exc)))
            continue
        if fold_url(found.feed.feed_url) in placed:
            skipped.append(SkippedOutline(line, f"{found.feed.feed_url} is listed twice"))
        placed.setdefault(fold_url(found.feed.feed_url), found)
    if not placed and not skipped:
        raise ConfigError("no feeds in this file; an OPML export is expected", file=path)
    return ForeignList(tuple(placed.values()), tuple(skipped))


def _iterate_outlines(path: Path) -> Iterator[etree._Element]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ConfigError(f"larger than {MAX_BYTES:,} bytes", file=path)
        parser = etree.XMLParser(
            recover=True, resolve_entities=False, no_network=True, load_dtd=False
        )
        root = etree.parse(BytesIO(path.read_bytes()), parser).getroot()
    except OSError as exc:
        raise ConfigError(f"the list cannot be read: {exc.strerror}", file=path) from exc
    except etree.XMLSyntaxError as exc:
        raise ConfigError(f"no OPML: {exc.msg}", file=path) from exc
    if root is None:
        raise ConfigError("no OPML: the file holds no XML", file=path)
    for element in root.iter(etree.Element):
        if _is_outline(element) and _has_url(element):
            yield element


def _is_outline(element: etree._Element) -> bool:
    return str(element.tag).rpartition("}")[2].lower() == "outline"


def _has_url(element: etree._Element) -> bool:
    return any(str(name).lower() == "xmlurl" for name in element.attrib)


def _read_outline(outline: etree._Element, known_topics: Collection[str]) -> PlacedFeed:
    """The feed, without attributes whose values are useless. Raises FeedUrlError."""
    given = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
    attributes = {_NAMES[name]: value for name, value in given.items() if name in _NAMES}
    for name in _PARSERS.keys() & attributes.keys():
        try:
            _PARSERS[name](attributes[name])
        except ValueError:
            del attributes[name]
    topics = split_topics(attributes.get("topics", ""))
    attributes["topics"] = " ".join(topic for topic in topics if topic in known_topics)
    url = attributes["xmlUrl"].strip()
    if _BEFORE_HTTP.match(url):
        attributes["xmlUrl"] = _BEFORE_HTTP.sub("", url, count=1)
    elif _FOR_HTTP.match(url):
        attributes["xmlUrl"] = _FOR_HTTP.sub("http:", url, count=1)
    tags = attributes.get("category", "").split(",")
    return PlacedFeed(build_feed(attributes, tags, known_topics), _list_folders(outline))


def _list_folders(outline: etree._Element) -> tuple[str, ...]:
    names = [
        fold_spaces(folder.get("text") or folder.get("title"))
        for folder in outline.iterancestors(etree.Element)
        if _is_outline(folder) and not _has_url(folder)
    ]
    return tuple(name for name in reversed(names) if name)
