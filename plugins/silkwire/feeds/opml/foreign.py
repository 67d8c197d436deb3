"""Read the lists that other feed readers export: take what can be taken, say what cannot."""

import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TypeVar

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.edit import PlacedFeed
from silkwire.feeds.opml.read import ListedFeed, parse_language, parse_poll
from silkwire.feeds.opml.urls import FeedUrlError, fold_url, split_feed_url

T = TypeVar("T")
MAX_BYTES = 100_000_000
_FEED_SCHEME = re.compile(r"feed:(?://)?(?=https?:)|feed:(?=//)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SkippedOutline:
    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ForeignList:
    """The feeds of a foreign list with their folders, and the outlines that had to be left."""

    placed: tuple[PlacedFeed, ...]
    skipped: tuple[SkippedOutline, ...]


def read_foreign_list(path: Path, known_topics: Collection[str]) -> ForeignList:
    """Read an OPML file of any origin; of a feed's `topics` only `known_topics` are kept.

    Raises ConfigError if there is no feed in it at all.
    """
    placed: dict[str, PlacedFeed] = {}
    skipped: list[SkippedOutline] = []
    for outline in _iterate_outlines(path):
        attributes = {str(name).lower(): str(value) for name, value in outline.attrib.items()}
        line = int(str(outline.sourceline or 0))
        try:
            feed = _read_feed(attributes, _folders(outline), known_topics)
        except FeedUrlError as exc:
            skipped.append(SkippedOutline(line, str(exc)))
            continue
        if fold_url(feed.feed.feed_url) in placed:
            skipped.append(SkippedOutline(line, f"{feed.feed.feed_url} is listed twice"))
        placed.setdefault(fold_url(feed.feed.feed_url), feed)
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


def _folders(outline: etree._Element) -> tuple[str, ...]:
    names = [
        " ".join(str(folder.get("text") or folder.get("title") or "").split())
        for folder in outline.iterancestors(etree.Element)
        if _is_outline(folder) and not _has_url(folder)
    ]
    return tuple(name for name in reversed(names) if name)


def _read_feed(
    attributes: dict[str, str], folders: tuple[str, ...], known_topics: Collection[str]
) -> PlacedFeed:
    """What of the attributes is usable. Raises FeedUrlError."""
    url = split_feed_url(_name_scheme(attributes["xmlurl"].strip()))
    tags = [tag.strip().strip("/").strip() for tag in attributes.get("category", "").split(",")]
    topics = attributes.get("topics", "").replace(",", " ").split()
    feed = ListedFeed(
        feed_url=url.feed_url,
        credential=url.credential,
        title=_fold(attributes.get("text")) or _fold(attributes.get("title")),
        homepage_url=_or_none(lambda: split_feed_url(attributes["htmlurl"]).feed_url),
        outlet=_fold(attributes.get("outlet")),
        language=_or_none(lambda: parse_language(attributes["language"])),
        poll=_or_none(lambda: parse_poll(attributes["poll"])),
        tags=tuple(dict.fromkeys(tag for tag in tags if tag)),
        topics=tuple(topic for topic in dict.fromkeys(topics) if topic in known_topics),
    )
    return PlacedFeed(feed, folders)


def _name_scheme(url: str) -> str:
    """`feed:` is how some readers mark what is plain http."""
    found = _FEED_SCHEME.match(url)
    if found is None:
        return url
    rest = url[found.end() :]
    return f"http:{rest}" if rest.startswith("//") else rest


def _fold(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None


def _or_none(read: Callable[[], T]) -> T | None:
    """What `read` returns; None if the attribute is missing or useless."""
    try:
        return read()
    except (KeyError, ValueError):
        return None
