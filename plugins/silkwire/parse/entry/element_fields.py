"""Read an entry's guid, link, dates and marks from its element, as published. Pure.

feedparser is not used for these: it rewrites urls and does not say which element a date is from.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import etree

from silkwire.parse.entry.characters import CUT

_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_DATES = {  # in order of preference: feedparser's name → the name as published
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
class ElementFields:
    """Fields of one `item` or `entry`, texts as published."""

    is_atom: bool = False
    guid: str | None = None
    is_permalink: bool = True
    url: str | None = None
    bases: tuple[str, ...] = ()
    """`xml:base` of the element that gives the url and of its ancestors, the outermost first."""
    original_url: str | None = None
    """`feedburner:origLink`: the publisher's own url behind a tracker."""
    dates: dict[str, str] = field(default_factory=dict)
    """Name of the element → its text, in order of preference."""
    language: str | None = None
    is_cut: bool = False
    """The document ends inside this entry and cuts one of its texts off."""
    marks: dict[str, str] = field(default_factory=dict)
    """Elements that mark paywalls and advertising: lower-case local name → text."""


def read_element(
    element: etree._Element, name_of: Callable[[etree._Element], str]
) -> ElementFields:
    """The fields of `element`; `name_of` returns an element's name, such as `dc:date`."""
    fields = ElementFields(is_atom=name_of(element) == "entry", language=element.get(_LANG))
    links: list[etree._Element] = []
    dates: dict[str, str] = {}
    for child in element:
        name = name_of(child)
        if name == "link":
            links.append(child)
        elif name in _DATES:
            if text := _read_text(child):
                dates.setdefault(name, text)
        else:
            _read_child(fields, name, child)
    if lastmod := element.get("lastmod") or element.get("LASTMOD"):
        dates.setdefault("lastmod", lastmod.strip())
    fields.dates = {_DATES[name]: dates[name] for name in _DATES if name in dates}
    fields.guid = fields.guid or element.get(_ABOUT) or None
    fields.is_cut = element.getnext() is None and any(CUT in str(t) for t in element.itertext())
    fields.url, holder = _choose_link(fields, links)
    if fields.url is None:
        fields.url = element.get("href") or element.get("HREF") or None
    fields.bases = _list_bases(element if holder is None else holder)
    return fields


def _list_bases(element: etree._Element) -> tuple[str, ...]:
    chain = (element, *element.iterancestors())
    found = [base.strip() for one in chain if (base := one.get(_BASE)) and CUT not in base]
    return tuple(reversed(found))


def _read_child(fields: ElementFields, name: str, child: etree._Element) -> None:
    if name in ("guid", "id"):
        text = _read_text(child)
        if text and (fields.guid is None or name == "guid"):
            fields.guid = text
            fields.is_permalink = name == "guid" and _is_permalink(child)
    elif name == "feedburner:origlink":
        fields.original_url = _read_text(child) or None
    elif name == "dc:language":
        fields.language = fields.language or _read_text(child) or None
    elif (local := name.rpartition(":")[2]) in _MARKS:
        fields.marks[local] = _read_text(child).lower()


def _is_permalink(guid: etree._Element) -> bool:
    """`isPermaLink` of RSS 2.0, true by default."""
    values = [value for key, value in guid.attrib.items() if str(key).lower() == "ispermalink"]
    return not values or str(values[0]).strip().lower() == "true"


def _choose_link(
    fields: ElementFields, links: list[etree._Element]
) -> tuple[str | None, etree._Element | None]:
    """The url and the `link` that gives it. Atom: `rel=alternate`, HTML first. RSS: the text of
    `link`, else a guid that is a url."""
    written = next(((text, link) for link in links if (text := _read_text(link))), None)
    if written and not fields.is_atom:
        return written
    alternates = [
        link
        for link in links
        if (link.get("href") or "").strip() and link.get("rel", "alternate").lower() == "alternate"
    ]
    pages = [link for link in alternates if "html" in link.get("type", "text/html").lower()]
    for link in pages or alternates:
        return str(link.get("href")).strip(), link
    if written:
        return written
    if not fields.is_atom and fields.guid and fields.is_permalink and "://" in fields.guid:
        return fields.guid, None
    return None, None


def _read_text(element: etree._Element) -> str:
    """The text; empty if the end of the document cuts it off, since half a url is another url."""
    text = element.text or ""
    if len(element):
        text = "".join(str(part) for part in element.itertext())
    return "" if CUT in text else text.strip()
