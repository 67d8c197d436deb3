"""Parse a document's text into one element tree, within limits and without DTDs or entities."""

from lxml import etree

from silkwire.parse.document.limits import MAX_TAGS, TOO_DEEP, LimitError
from silkwire.parse.document.xml_repair import prepare_markup, rebalance_markup


def build_tree(text: str) -> etree._Element | None:
    """The root element of `text`, repaired if it is not well-formed; None if it has no element.

    Loads no DTD, expands no entity and uses no network. Raises LimitError.
    """
    if text.count("<") > MAX_TAGS:
        raise LimitError(f"The document holds more than {MAX_TAGS:,} tags.")
    markup = prepare_markup(text)
    if not markup:
        return None
    for is_repaired in (False, True):
        markup = rebalance_markup(markup) if is_repaired else markup
        try:
            return _parse_xml(markup, is_tolerant=is_repaired)
        except etree.XMLSyntaxError as exc:
            _check_limits(exc)
    return None


def _parse_xml(markup: str, *, is_tolerant: bool) -> etree._Element | None:
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=is_tolerant,
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=False,
    )
    return etree.fromstring(markup.encode("utf-8"), parser)


def _check_limits(exc: etree.XMLSyntaxError) -> None:
    """Raise LimitError if `exc` comes from libxml2's limits: 256 levels, 10 MB in one text."""
    message = str(exc.msg)
    if "xcessive depth" in message:
        raise LimitError(TOO_DEEP) from None
    if "XML_PARSE_HUGE" in message or "huge" in message:
        raise LimitError("The document holds a text or a name that is too long.") from None
