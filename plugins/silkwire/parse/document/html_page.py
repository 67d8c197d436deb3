"""Recognise an HTML page served in place of a feed, and find the feed that it links to."""

import re
from html import unescape

from silkwire.parse.entry.urls import resolve_url

_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|script|div|title|h1)\b", re.IGNORECASE)
_LINK = re.compile(r"<link\b[^<>]{1,2000}>", re.IGNORECASE)
_FEED_TYPE = re.compile(r"application/(?:rss\+xml|atom\+xml|feed\+json|rdf\+xml)", re.IGNORECASE)
_ALTERNATE = re.compile(r"\brel\s*=\s*[\"']?[^\"'>]*\balternate\b", re.IGNORECASE)
_HREF = re.compile(r"\bhref\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)


def is_html_page(text: str) -> bool:
    """Whether `text`, which is no feed, looks like HTML."""
    return _PAGE.search(text[:20_000]) is not None


def find_feed_url(text: str, base_url: str | None) -> str | None:
    """The first `<link rel=alternate>` to a feed in the page's head."""
    for link in _LINK.findall(text[:200_000]):
        href = _HREF.search(link)
        if href and _FEED_TYPE.search(link) and _ALTERNATE.search(link):
            url = next(value for value in href.groups() if value is not None)
            return resolve_url(base_url, unescape(url).strip()) or None
    return None
