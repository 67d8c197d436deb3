"""The feed list as code: reads `config/feeds.opml` strictly, naming file and line of a mistake.

An outline with `xmlUrl` is a feed, any other is a folder; a feed's tags are its `category` and the
folders it lies in. Foreign lists, which are rarely so tidy, are read by `feeds.foreign`.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import cast

from lxml import etree

from silkwire.errors import ConfigError
from silkwire.feeds.opml.urls import FeedUrlError, fold_url, split_feed_url

FEED_ATTRIBUTES = [
    *("text", "title", "type", "xmlUrl", "htmlUrl", "outlet"),
    *("language", "poll", "category", "topics", "description"),
]
FOLDER_ATTRIBUTES = ["text", "title"]
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

    def __repr__(self) -> str:
        return f"ListedFeed({self.feed_url!r})"  # a credential must not reach a log


def read_feed_list(path: Path | str, known_topics: Collection[str]) -> tuple[ListedFeed, ...]:
    """The feeds in the order of the file; their `topics` are among `known_topics`.

    Raises ConfigError naming file and line.
    """
    tree = parse_opml(path)
    lines_by_url: dict[str, int] = {}
    listed = []
    for outline in iterate_feed_outlines(tree, path):
        feed = _read_outline(outline, path, known_topics)
        first_line = lines_by_url.get(name := fold_url(feed.feed_url))
        if first_line is not None:
            message = f"{feed.feed_url} is listed twice, first on line {first_line}"
            raise ConfigError(message, file=path, line=line_of(outline))
        lines_by_url[name] = line_of(outline)
        listed.append(feed)
    return tuple(listed)


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
    """A feed as someone typed it. Raises ConfigError, under the rules of the list."""
    try:
        split = split_feed_url(url)
        return ListedFeed(
            feed_url=split.feed_url,
            credential=split.credential,
            title=title,
            outlet=outlet,
            language=None if language is None else parse_language(language),
            poll=None if poll is None else parse_poll(poll),
            tags=tuple(tags),
            topics=_check_topics(topics, known_topics),
        )
    except ValueError as exc:
        raise ConfigError(str(exc)) from exc


def parse_opml(path: Path | str) -> etree._ElementTree:
    """The document without DTD, entities or network. Raises ConfigError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        tree = etree.parse(BytesIO(Path(path).read_bytes()), parser)
    except OSError as exc:
        raise ConfigError(f"the feed list cannot be read: {exc.strerror}", file=path) from exc
    except etree.XMLSyntaxError as exc:
        message = f"not well-formed XML: {exc.msg}"
        raise ConfigError(message, file=path, line=exc.lineno) from exc
    if tree.docinfo.internalDTD is not None or tree.docinfo.doctype:
        raise ConfigError("a document type declaration is not allowed", file=path, line=1)
    _refuse_misplaced(tree, path)
    return tree


def iterate_feed_outlines(tree: etree._ElementTree, path: Path | str) -> Iterator[etree._Element]:
    """Feed outlines in document order; folders are checked on the way."""
    for outline in tree.getroot().iter("outline"):
        if outline.get("xmlUrl") is not None:
            yield outline
        else:
            _check_folder(outline, path)


def line_of(element: etree._Element) -> int:
    return cast("int", element.sourceline) or 0


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


def _refuse_misplaced(tree: etree._ElementTree, path: Path | str) -> None:
    root = tree.getroot()
    if root.tag != "opml":
        raise ConfigError(f"not a feed list: the root is <{root.tag}>", file=path, line=1)
    bodies = root.findall("body")
    if len(bodies) != 1:
        raise ConfigError("an OPML file has exactly one <body>", file=path, line=line_of(root))
    for element in bodies[0].iterdescendants(etree.Element):
        if element.tag != "outline":
            message = f"<{element.tag}> is unknown; feeds and folders are <outline>"
            raise ConfigError(message, file=path, line=line_of(element))


def _check_folder(outline: etree._Element, path: Path | str) -> None:
    _refuse_unknown_attributes(outline, path, FOLDER_ATTRIBUTES)
    if len(outline) == 0:
        name = outline.get("text") or outline.get("title") or ""
        message = f'the outline "{name}" has no xmlUrl and holds no feeds'
        raise ConfigError(message, file=path, line=line_of(outline))


def _read_outline(
    outline: etree._Element, path: Path | str, known_topics: Collection[str]
) -> ListedFeed:
    _refuse_unknown_attributes(outline, path, FEED_ATTRIBUTES)
    if outline.find("outline") is not None:
        raise ConfigError("a feed cannot hold outlines", file=path, line=line_of(outline))
    try:
        url = split_feed_url(outline.get("xmlUrl", ""))
        return ListedFeed(
            feed_url=url.feed_url,
            credential=url.credential,
            title=_text(outline, "text") or _text(outline, "title"),
            homepage_url=_homepage(outline),
            outlet=_text(outline, "outlet"),
            language=_language(outline),
            poll=parse_poll(outline.get("poll", "")) if "poll" in outline.attrib else None,
            tags=_tags(outline),
            topics=_topics(outline, known_topics),
        )
    except FeedUrlError as exc:
        raise ConfigError(f"xmlUrl: {exc}", file=path, line=line_of(outline)) from exc
    except ValueError as exc:
        raise ConfigError(str(exc), file=path, line=line_of(outline)) from exc


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
        raise ConfigError(message, file=path, line=line_of(outline))


def _text(outline: etree._Element, name: str) -> str | None:
    return " ".join(str(outline.get(name, "")).split()) or None


def _homepage(outline: etree._Element) -> str | None:
    value = _text(outline, "htmlUrl")
    if value is None:
        return None
    try:
        return split_feed_url(value).feed_url
    except FeedUrlError as exc:
        raise ValueError(f"htmlUrl: {exc}") from exc


def _language(outline: etree._Element) -> str | None:
    value = _text(outline, "language")
    return None if value is None else parse_language(value)


def _tags(outline: etree._Element) -> tuple[str, ...]:
    own = str(outline.get("category", "")).split(",")
    folders = [_text(folder, "text") or "" for folder in outline.iterancestors("outline")]
    tags = [tag.strip().strip("/").strip() for tag in (*own, *reversed(folders))]
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _topics(outline: etree._Element, known_topics: Collection[str]) -> tuple[str, ...]:
    return _check_topics(str(outline.get("topics", "")).replace(",", " ").split(), known_topics)


def _check_topics(topics: Iterable[str], known_topics: Collection[str]) -> tuple[str, ...]:
    checked = tuple(dict.fromkeys(topics))
    for topic in checked:
        if topic not in known_topics:
            known = ", ".join(known_topics) or "none"
            raise ValueError(f'the topic "{topic}" is unknown; there are: {known}')
    return checked
