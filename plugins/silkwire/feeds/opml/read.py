"""Read the feed list, `config/feeds.opml`, strictly: errors name the file and line of a mistake.

An outline with `xmlUrl` is a feed, any other outline is a folder. A feed's tags are its `category`
and the names of its folders. `feeds.opml.foreign` reads the lists of other programs.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import cast

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.urls import FeedUrlError, fold_url, split_feed_url

FEED_ATTRIBUTES = (
    *("text", "title", "type", "xmlUrl", "htmlUrl", "outlet"),
    *("language", "poll", "category", "topics", "description"),
)
FOLDER_ATTRIBUTES = ("text", "title")
MIN_POLL, MAX_POLL = timedelta(minutes=1), timedelta(days=7)
_POLL = re.compile(r"(\d{1,6})([mhd])")
_POLL_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class ListedFeed:
    """One feed as the list describes it."""

    feed_url: str
    """`xmlUrl` as listed, without credentials: the feed's name."""
    credential: str | None = None
    title: str | None = None
    homepage_url: str | None = None
    outlet: str | None = None
    language: str | None = None
    """BCP 47 tag in lower case."""
    poll: timedelta | None = None
    """A fixed interval; None where silkwire learns it."""
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    """The topics that the feed is dedicated to."""

    def __repr__(self) -> str:
        return f"ListedFeed({self.feed_url!r})"  # a credential must not reach a log


def read_feed_list(path: Path | str, known_topics: Collection[str]) -> tuple[ListedFeed, ...]:
    """The feeds in the order of the file; their `topics` are among `known_topics`.

    Raises ConfigError naming file and line.
    """
    return list_feeds(parse_opml(read_document(path), path), path, known_topics)


def read_document(path: Path | str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as exc:
        raise ConfigError(f"the feed list cannot be read: {exc.strerror}", file=path) from exc


def parse_opml(document: bytes, path: Path | str) -> etree._ElementTree:
    """Parse without DTD, entities or network. Raises ConfigError, which names `path`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.parse(BytesIO(document), parser)
    except etree.XMLSyntaxError as exc:
        message = f"not well-formed XML: {exc.msg}"
        raise ConfigError(message, file=path, line=exc.lineno) from exc
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise ConfigError("a document type declaration is not allowed", file=path, line=1)
    _refuse_misplaced(tree, path)
    return tree


def list_feeds(
    tree: etree._ElementTree, path: Path | str, known_topics: Collection[str]
) -> tuple[ListedFeed, ...]:
    """The feeds of a parsed list. Raises ConfigError naming `path` and line."""
    lines_by_url: dict[str, int] = {}
    listed = []
    for outline in iterate_feed_outlines(tree, path):
        feed = _read_outline(outline, path, known_topics)
        name, line = fold_url(feed.feed_url), _line_of(outline)
        if name in lines_by_url:
            message = f"{feed.feed_url} is listed twice, first on line {lines_by_url[name]}"
            raise _fail(outline, path, message)
        lines_by_url[name] = line
        listed.append(feed)
    return tuple(listed)


def iterate_feed_outlines(tree: etree._ElementTree, path: Path | str) -> Iterator[etree._Element]:
    """Yield feed outlines in document order. Raises ConfigError for a folder with a mistake."""
    for outline in tree.getroot().iter("outline"):
        if outline.get("xmlUrl") is not None:
            yield outline
            continue
        _refuse_unknown_attributes(outline, path, FOLDER_ATTRIBUTES)
        if len(outline) == 0:
            name = outline.get("text") or outline.get("title") or ""
            raise _fail(outline, path, f'the outline "{name}" has no xmlUrl and holds no feeds')


def describe_feed(
    url: str,
    known_topics: Collection[str],
    *,
    title: str | None = None,
    outlet: str | None = None,
    language: str | None = None,
    poll: str | None = None,
    tags: Iterable[str] = (),
    topics: Iterable[str] = (),
) -> ListedFeed:
    """A feed as typed on the command line. Raises ConfigError for values that the list refuses."""
    given = {"title": title, "outlet": outlet, "language": language, "poll": poll}
    attributes = {name: value for name, value in given.items() if value is not None}
    attributes |= {"xmlUrl": url, "topics": " ".join(topics)}
    try:
        return build_feed(attributes, tags, known_topics)
    except ValueError as exc:
        raise ConfigError(str(exc)) from exc


def build_feed(
    attributes: Mapping[str, str], tags: Iterable[str], known_topics: Collection[str]
) -> ListedFeed:
    """A feed from an outline's attributes. Raises ValueError, FeedUrlError for a bad `xmlUrl`."""
    url = split_feed_url(attributes.get("xmlUrl", ""))
    homepage = fold_spaces(attributes.get("htmlUrl"))
    language = fold_spaces(attributes.get("language"))
    topics = tuple(dict.fromkeys(split_topics(attributes.get("topics", ""))))
    for topic in topics:
        if topic not in known_topics:
            known = ", ".join(known_topics) or "none"
            raise ValueError(f'the topic "{topic}" is unknown; there are: {known}')
    return ListedFeed(
        feed_url=url.feed_url,
        credential=url.credential,
        title=fold_spaces(attributes.get("text")) or fold_spaces(attributes.get("title")),
        homepage_url=parse_homepage(homepage) if homepage else None,
        outlet=fold_spaces(attributes.get("outlet")),
        language=parse_language(language) if language else None,
        poll=parse_poll(attributes["poll"]) if "poll" in attributes else None,
        tags=tuple(dict.fromkeys(filter(None, map(_clean_tag, tags)))),
        topics=topics,
    )


def fold_spaces(text: str | None) -> str | None:
    """`text` with single spaces; None if nothing is left."""
    return " ".join((text or "").split()) or None


def split_topics(value: str) -> list[str]:
    return value.replace(",", " ").split()


def parse_homepage(value: str) -> str:
    """The url without credentials. Raises ValueError."""
    try:
        return split_feed_url(value).feed_url
    except FeedUrlError as exc:
        raise ValueError(f"htmlUrl: {exc}") from exc


def parse_poll(value: str) -> timedelta:
    """`10m`, `2h` or `1d`. Raises ValueError."""
    match = _POLL.fullmatch(value.strip())
    if match is None:
        raise ValueError("poll must look like 10m, 2h or 1d")
    poll = timedelta(**{_POLL_UNITS[match[2]]: int(match[1])})
    if not MIN_POLL <= poll <= MAX_POLL:
        raise ValueError("poll must lie between 1m and 7d")
    return poll


def parse_language(value: str) -> str:
    """A BCP 47 tag in lower case. Raises ValueError."""
    language = value.strip().lower().replace("_", "-")
    if not _LANGUAGE.fullmatch(language):
        raise ValueError(f'the language "{value}" is no BCP 47 tag such as en or zh-Hant')
    return language


def _clean_tag(tag: str) -> str:
    return tag.strip().strip("/").strip()  # OPML 2.0 begins a path of categories with a slash


def _refuse_misplaced(tree: etree._ElementTree, path: Path | str) -> None:
    root = tree.getroot()
    if root.tag != "opml":
        raise ConfigError(f"not a feed list: the root is <{root.tag}>", file=path, line=1)
    bodies = root.findall("body")
    if len(bodies) != 1:
        raise _fail(root, path, "an OPML file has exactly one <body>")
    for element in bodies[0].iterdescendants(etree.Element):
        if element.tag != "outline":
            message = f"<{element.tag}> is unknown; feeds and folders are <outline>"
            raise _fail(element, path, message)


def _read_outline(
    outline: etree._Element, path: Path | str, known_topics: Collection[str]
) -> ListedFeed:
    _refuse_unknown_attributes(outline, path, FEED_ATTRIBUTES)
    if outline.find("outline") is not None:
        raise _fail(outline, path, "a feed cannot hold outlines")
    attributes = {str(name): str(value) for name, value in outline.attrib.items()}
    folders = [fold_spaces(folder.get("text")) or "" for folder in outline.iterancestors("outline")]
    tags = [*attributes.get("category", "").split(","), *reversed(folders)]
    try:
        return build_feed(attributes, tags, known_topics)
    except FeedUrlError as exc:
        raise _fail(outline, path, f"xmlUrl: {exc}") from exc
    except ValueError as exc:
        raise _fail(outline, path, str(exc)) from exc


def _refuse_unknown_attributes(
    outline: etree._Element, path: Path | str, known: Collection[str]
) -> None:
    for name in map(str, outline.attrib):
        if name in known:
            continue
        near = difflib.get_close_matches(name.lower(), [k.lower() for k in FEED_ATTRIBUTES], n=1)
        meant = next((k for k in FEED_ATTRIBUTES if near and k.lower() == near[0]), None)
        if meant == name:  # a feed's attribute on an outline without xmlUrl
            message = f'the outline has "{name}" but no xmlUrl'
        else:
            hint = f', did you mean "{meant}"?' if meant else ""
            message = f'the attribute "{name}" is unknown{hint}'
        raise _fail(outline, path, message)


def _fail(element: etree._Element, path: Path | str, message: str) -> ConfigError:
    return ConfigError(message, file=path, line=_line_of(element))


def _line_of(element: etree._Element) -> int:
    return cast("int", element.sourceline) or 0
