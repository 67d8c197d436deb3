"""One document: bytes in, its entries out. Pure; a document that cannot be read is a value."""

from lxml import etree

from silkwire.model import ErrorClass, ParsedDocument, ParsedEntry, ParseJob
from silkwire.parse.document.counting import count_items
from silkwire.parse.document.decode import Decoded, decode_document
from silkwire.parse.document.feedparser_reader import FeedReader
from silkwire.parse.document.formats import name_format
from silkwire.parse.document.jsonfeed import is_json, parse_json_feed
from silkwire.parse.document.pages import find_feed_url, is_page
from silkwire.parse.document.timing import read_skips, read_ttl
from silkwire.parse.document.tree import LimitError, build_tree
from silkwire.parse.entry.build import Context, read_entry
from silkwire.parse.entry.facts import read_facts
from silkwire.parse.entry.languages import DeclaredLanguage, normalize_language
from silkwire.parse.entry.plain_text import clean_text, to_plain_text

_XML_BASE = "{http://www.w3.org/XML/1998/namespace}base"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def parse_document(job: ParseJob) -> ParsedDocument:
    """What silkwire reads in `job.body`; `error` says why where that is not a feed."""
    decoded = decode_document(job.body, job.content_type)
    if not decoded.text.strip("\0 \t\r\n\ufeff"):
        return _fail(decoded, ErrorClass.EMPTY_BODY, "The document is empty.")
    if is_json(decoded.text):
        return parse_json_feed(job, decoded)
    items = count_items(decoded.text)
    try:
        root = build_tree(decoded.text)
        form = name_format(root) if root is not None else None
        if root is None or form is None:
            return _refuse(job, decoded, items)
        return _read_feed(job, decoded, items, root, form)
    except LimitError as exc:
        return _fail(decoded, ErrorClass.PARSER_LIMIT, str(exc), items)
    except MemoryError:
        return _fail(decoded, ErrorClass.PARSER_LIMIT, "The document needs too much memory.", items)


def _read_feed(
    job: ParseJob, decoded: Decoded, items: int, root: etree._Element, form: str
) -> ParsedDocument:
    reader = FeedReader()
    reader.read_tree(root)
    declared = DeclaredLanguage(
        document=normalize_language(root.get(_XML_LANG) or reader.feeddata.get("language")),
        feed_list=normalize_language(job.language),
    )
    has_base = "xml:base" in decoded.text
    entries: list[ParsedEntry] = []
    for raw, element in zip(reader.entries, reader.elements, strict=True):
        base = _find_base(job, element) if has_base else job.url
        context = Context(base, declared)
        facts = read_facts(element, reader.name_element)
        entries.append(read_entry(len(entries), raw, facts, context))
    skip_hours, skip_days = read_skips(root)
    return ParsedDocument(
        format=form,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        encoding_rejected=decoded.rejected,
        undecodable_count=decoded.undecodable_count,
        items_in_bytes=max(items, len(entries)),
        entries=tuple(entries),
        title=_read_title(reader),
        language=declared.nearest,
        ttl_s=read_ttl(reader.feeddata),
        skip_hours=skip_hours,
        skip_days=skip_days,
    )


def _find_base(job: ParseJob, element: etree._Element) -> str | None:
    """`xml:base` of the entry's link or nearest ancestor (RFC 4287 §2), else the document's url."""
    link = next((child for child in element if child.get(_XML_BASE)), element)
    try:
        base = link.base
    except ValueError:
        base = None
    return base or job.url


def _read_title(reader: FeedReader) -> str | None:
    title = reader.feeddata.get("title")
    return to_plain_text(clean_text(title)[0])[:1000] or None if title else None


def _refuse(job: ParseJob, decoded: Decoded, items: int) -> ParsedDocument:
    if is_page(decoded.text):
        suggested = find_feed_url(decoded.text, job.url)
        return _fail(decoded, ErrorClass.HTML, "The document is an HTML page.", 0, suggested)
    return _fail(decoded, ErrorClass.NOT_A_FEED, "The document is no feed that we know.", items)


def _fail(
    decoded: Decoded,
    error_class: ErrorClass,
    error: str,
    items: int = 0,
    suggested_feed_url: str | None = None,
) -> ParsedDocument:
    return ParsedDocument(
        format=None,
        encoding=decoded.encoding,
        encoding_evidence=decoded.evidence,
        encoding_rejected=decoded.rejected,
        undecodable_count=decoded.undecodable_count,
        items_in_bytes=items,
        error_class=error_class,
        error=error,
        suggested_feed_url=suggested_feed_url,
    )
