"""What an entry's element says that silkwire decides itself: guid, link and dates. Pure.

feedparser rewrites urls and forgets which element a date came from; here both are as published.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from silkwire.parse.entry.markers import CUT

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DATES = {  # in order of preference, with the name as it is written
    name.lower(): name
    for name in (
        "pubDate", "published", "dcterms:issued", "issued", "dc:date", "dcterms:created",
        "created", "dc:created", "lastmod", "updated", "dcterms:modified", "modified",
    )
}  # fmt: skip
_MARKS = {
    "paywall", "paywalled", "ispaywalled", "premium", "ispremium", "isaccessibleforfree",
    "accessrights", "sponsored", "issponsored", "advertorial",
}  # fmt: skip


@dataclass(slots=True)
class EntryFacts:
    """The facts of one `item` or `entry`, texts as published."""

    is_atom: bool = False
    guid: str | None = None
    is_permalink: bool = True
    url: str | None = None
    original_url: str | None = None
    """`feedburner:origLink`: the publisher's own url behind a tracker."""
    dates: dict[str, str] = field(default_factory=dict)
    """Name of the element → its text; in order of preference."""
    language: str | None = None
    is_cut: bool = False
    """The document ends inside this entry, and with it one of its texts."""
    marks: dict[str, str] = field(default_factory=dict)
    """Elements that mark paywalls and advertising: lower-case local name → text."""


def read_facts(element: etree._Element, name_of: Callable[[etree._Element], str]) -> EntryFacts:
    """The facts of `element`; `name_of` gives an element's name, such as `dc:date`."""
    facts = EntryFacts(is_atom=name_of(element) == "entry", language=element.get(_LANG))
    links: list[etree._Element] = []
    dates: dict[str, str] = {}
    for child in element:
        name = name_of(child)
        if name == "link":
            links.append(child)
        elif name in _DATES:
            _keep_first(dates, name, child)
        else:
            _read_child(facts, name, child)
    if lastmod := element.get("lastmod") or element.get("LASTMOD"):
        dates.setdefault("lastmod", lastmod.strip())
    facts.dates = {_DATES[name]: dates[name] for name in _DATES if name in dates}
    facts.guid = facts.guid or element.get(_ABOUT) or None
    facts.is_cut = _is_cut(element)
    facts.url = _choose_link(facts, links) or element.get("href") or element.get("HREF") or None
    return facts


def _read_child(facts: EntryFacts, name: str, child: etree._Element) -> None:
    if name in ("guid", "id"):
        text = _text_of(child)
        if text and (facts.guid is None or name == "guid"):
            facts.guid = text
            facts.is_permalink = name == "guid" and _is_permalink(child)
    elif name == "feedburner:origlink":
        facts.original_url = _text_of(child) or None
    elif name == "dc:language":
        facts.language = facts.language or _text_of(child) or None
    elif (local := name.rpartition(":")[2]) in _MARKS:
        facts.marks[local] = _text_of(child).lower()


def _keep_first(dates: dict[str, str], name: str, child: etree._Element) -> None:
    text = _text_of(child)
    if text:
        dates.setdefault(name, text)


def _is_permalink(guid: etree._Element) -> bool:
    """RSS 2.0, guid: true unless said otherwise."""
    values = [value for key, value in guid.attrib.items() if str(key).lower() == "ispermalink"]
    return not values or str(values[0]).strip().lower() == "true"


def _choose_link(facts: EntryFacts, links: list[etree._Element]) -> str | None:
    """Atom: `rel=alternate`, HTML first. RSS: the text of `link`, else a guid that is a url."""
    written = [text for link in links if (text := _text_of(link))]
    if written and not facts.is_atom:
        return written[0]
    alternates = [
        link
        for link in links
        if (link.get("href") or "").strip() and link.get("rel", "alternate").lower() == "alternate"
    ]
    pages = [link for link in alternates if "html" in link.get("type", "text/html").lower()]
    for link in pages or alternates:
        return str(link.get("href")).strip()
    if written:
        return written[0]
    if not facts.is_atom and facts.guid and facts.is_permalink and "://" in facts.guid:
        return facts.guid
    return None


def _text_of(element: etree._Element) -> str:
    """The text; none where the end of the document cut it off: half a url is another url."""
    text = element.text or ""
    if len(element):
        text = "".join(str(part) for part in element.itertext())
    return "" if CUT in text else text.strip()


def _is_cut(element: etree._Element) -> bool:
    return element.getnext() is None and any(CUT in str(part) for part in element.itertext())
