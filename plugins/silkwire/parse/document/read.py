"""Read one document: bytes in, a `ParsedDocument` with its entries out. Pure.

A document that cannot be read is a value (`ParsedDocument.error`), not an exception.
"""

from dataclasses import replace

from lxml import etree

from silkwire.model import ErrorClass, ParsedDocument, ParsedEntry, ParseJob
from silkwire.parse.document.charset import decode_document
from silkwire.parse.document.feedparser_reader import FeedReader
from silkwire.parse.document.formats import name_format
from silkwire.parse.document.html_page import find_feed_url, is_html_page
from silkwire.parse.document.item_count import count_items
from silkwire.parse.document.json_feed import is_json, read_json_feed
from silkwire.parse.document.limits import LimitError
from silkwire.parse.document.poll_hints import read_skips, read_ttl
from silkwire.parse.document.xml_tree import build_tree
from silkwire.parse.entry.build import build_entry
from silkwire.parse.entry.characters import clean_text
from silkwire.parse.entry.element_fields import read_element
from silkwire.parse.entry.languages import normalize_language
from silkwire.parse.entry.plain_text import to_plain_text

_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parse_document(job: ParseJob) -> ParsedDocument:
    """What silkwire reads in `job.body`; if that is not a feed, `error` says why."""
    decoded = decode_document(job.body, job.content_type)
    document = ParsedDocument(
        format=None,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        encoding_rejected=decoded.rejected,
        undecodable_count=decoded.undecodable_count,
        items_in_bytes=0,
    )
    text = decoded.text
    if not text.strip("\0 \t\r\n\ufeff"):
        return replace(document, error_class=ErrorClass.EMPTY_BODY, error="The document is empty.")
    try:
        if is_json(text):
            return read_json_feed(job, text, document)
        document = replace(document, items_in_bytes=count_items(text))
        return _read_markup(job, text, document)
    except LimitError as exc:
        error = str(exc)
    except MemoryError:
        error = "The document needs too much memory."
    return replace(document, error_class=ErrorClass.PARSER_LIMIT, error=error)


def _read_markup(job: ParseJob, text: str, document: ParsedDocument) -> ParsedDocument:
    root = build_tree(text)
    if root is not None and (name := name_format(root)):
        return _read_feed(job, root, replace(document, format=name))
    if is_html_page(text):
        return replace(
            document,
            items_in_bytes=0,
            error_class=ErrorClass.HTML,
            error="The document is an HTML page.",
            suggested_feed_url=find_feed_url(text, job.url),
        )
    error = "The document is no feed that we know."
    return replace(document, error_class=ErrorClass.NOT_A_FEED, error=error)


def _read_feed(job: ParseJob, root: etree._Element, document: ParsedDocument) -> ParsedDocument:
    reader = FeedReader()
    reader.read_tree(root)
    language = normalize_language(root.get(_XML_LANG) or reader.feeddata.get("language"))
    language = language or normalize_language(job.language)
    entries: list[ParsedEntry] = []
    for raw, element in zip(reader.entries, reader.elements, strict=True):
        fields = read_element(element, reader.name_element)
        entries.append(build_entry(len(entries), raw, fields, job.url, language))
    title = clean_text(reader.feeddata.get("title") or "")[0]
    skip_hours, skip_days = read_skips(root)
    return replace(
        document,
        items_in_bytes=max(document.items_in_bytes, len(entries)),
        entries=tuple(entries),
        title=to_plain_text(title)[:1000] or None,
        language=language,
        ttl_s=read_ttl(reader.feeddata),
        skip_hours=skip_hours,
        skip_days=skip_days,
    )
