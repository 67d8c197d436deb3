"""Repair a document's text so that an XML parser reads all of it.

`prepare_markup` runs on every document: it removes the prolog, the DTD and the characters that XML
forbids. `rebalance_markup` runs on documents that are still not well-formed: in one linear pass it
quotes attributes, escapes stray `&` and `<`, decodes HTML entities and closes open elements.
Without it lxml's recovering parser drops text (`AT&T` → `AT`).
"""

import re
from html import escape
from html.entities import html5

from silkwire.parse.document.limits import MAX_DEPTH, TOO_DEEP, LimitError
from silkwire.parse.entry.characters import CUT, REMOVED, REPLACED

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_CONTROLS = bytes([*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F])
# The first bytes, in UTF-8, of the noncharacters U+FDD0 to U+FDEF, U+FFFE and U+FFFF.
_NONCHARACTER_LEADS = (b"\xef\xb7", b"\xef\xbf")
_BAD_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]++)|(\d++));")
_ROOT = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)"
    r"|<(?:(?P<feed>(?:[\w.-]+:)?(?:rss|feed|rdf))|(?:[\w.-]+:)?(?:channel|entry|item|html))[\s>]",
    re.IGNORECASE | re.DOTALL,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_PROLOG = re.compile(r"<\?[^<>]*>")
_HEAD = 10_000
_DOCTYPE = re.compile(r"<!DOCTYPE\b", re.IGNORECASE)


def prepare_markup(text: str) -> str:
    """`text` without prolog, document type and forbidden characters.

    Forbidden characters become REPLACED or REMOVED, which `clean_text` counts and takes out.
    """
    root = next((match for match in _ROOT.finditer(text) if match[0][1] != "!"), None)
    if root and root["feed"]:
        text = text[root.start() :]
    else:
        end = root.start() if root else min(len(text), _HEAD)
        head = _PROLOG.sub("", _drop_doctype(_COMMENT.sub("", text[:end])))
        text = head[max(0, head.find("<")) :] + text[end:]
        text = text[max(0, text.find("<")) :]
    if _may_hold_forbidden(text):
        text = _FORBIDDEN.sub(_mark_forbidden, text)
    return _BAD_REFERENCE.sub(_mark_reference, text) if "&#" in text else text


def _may_hold_forbidden(text: str) -> bool:
    """A search in the bytes, which takes a tenth of the time of a search in the characters."""
    try:
        data = text.encode()
    except UnicodeEncodeError:  # a lone surrogate
        return True
    holds_controls = len(data.translate(None, delete=_CONTROLS)) < len(data)
    return holds_controls or any(lead in data for lead in _NONCHARACTER_LEADS)


def _drop_doctype(head: str) -> str:
    """Remove `<!DOCTYPE … [ … ]>`, so that no DTD is read and no entity expanded."""
    match = _DOCTYPE.search(head)
    if match is None:
        return head
    bracket = head.find("[", match.end())
    close = head.find(">", match.end())
    if 0 <= bracket < close:
        close = head.find(">", max(head.rfind("]", bracket), bracket))
    return head[: match.start()] + (head[close + 1 :] if close >= 0 else "")


def _mark_forbidden(match: re.Match[str]) -> str:
    char = match[0]
    if char in "\x0b\x0c\x1c\x1d\x1e\x1f":  # separators, which Python treats as white space
        return " "
    return REPLACED if char == "\0" or "\ud800" <= char <= "\udfff" else REMOVED


def _mark_reference(match: re.Match[str]) -> str:
    """Mark a reference to a character that XML forbids: the parser would stop there."""
    digits = (match[1] or match[2]).lstrip("0") or "0"
    number = int(digits, 16 if match[1] else 10) if len(digits) < 8 else 0x110000
    if number > 0x10FFFF:
        return REPLACED
    return _mark_forbidden(found) if (found := _FORBIDDEN.match(chr(number))) else match[0]


_MARKUP = re.compile(
    r"""(?sx)
      <!\[CDATA\[ (?P<cdata> .*? ) (?: \]\]> | \Z )
    | <!-- .*? (?: --> | \Z )
    | <\? .*? (?: \?> | > | \Z )
    | <! [A-Za-z] [^<>]*+ >
    | </ \s*+ (?P<end> [A-Za-z_][\w.:-]*+ ) [^<>]*+ >?
    | < (?P<start> [A-Za-z_][\w.:-]*+ )
        (?P<attributes> (?> [^<>"'] | "[^"<]*" | '[^'<]*' )*+ )
        >
    """
)
_ATTRIBUTE = re.compile(
    r"""(?x) (?<![\w.:-]) (?P<name> [A-Za-z_][\w.:-]*+ ) \s*+ = \s*
        (?: "(?P<double>[^"]*)" | '(?P<single>[^']*)' | (?P<bare>[^\s"'<>]+) )"""
)
_REFERENCE = re.compile(r"&(?:#\d+;|#[xX][0-9a-fA-F]+;|([A-Za-z][A-Za-z0-9]*);)?")
_XML_NAMES = {"lt", "gt", "amp", "quot", "apos"}
_ITEM_NAMES = {"item", "entry"}
_CONTAINERS = _ITEM_NAMES | {"items", "channel", "rss", "rdf", "feed"}
_PARTIAL_TAG = re.compile(r"<[^<>]*\Z")


class _Balance:
    """The output of the pass so far, and the elements that are open."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.open_names: list[str] = []

    def open_element(self, name: str, attributes: str) -> None:
        if self.out and not self.open_names:
            return  # a second root
        if name in _ITEM_NAMES:  # items do not nest: the previous one was never closed
            self.close_element(name)
        is_empty = attributes.endswith("/")
        self.out.append(f"<{name}{_rewrite_attributes(attributes)}{'/' if is_empty else ''}>")
        if not is_empty:
            self.open_names.append(name)
        if len(self.open_names) > MAX_DEPTH:
            raise LimitError(TOO_DEEP)

    def close_element(self, name: str) -> None:
        if name not in self.open_names:
            return
        while (opened := self.open_names.pop()) != name:
            self.out.append(f"</{opened}>")
        self.out.append(f"</{name}>")

    def close_all(self) -> None:
        """Close all elements, and mark the last text as cut off with the document."""
        if self.open_names and self.open_names[-1].rpartition(":")[2].lower() not in _CONTAINERS:
            self.out.append(CUT)
        self.out.extend(f"</{name}>" for name in reversed(self.open_names))

    def add_text(self, text: str) -> None:
        if self.open_names:
            self.out.append(text)


def rebalance_markup(text: str) -> str:
    """`text` as a well-formed document. Raises LimitError beyond MAX_DEPTH open elements."""
    balance, position = _Balance(), 0
    for match in _MARKUP.finditer(text):
        balance.add_text(_escape_text(text[position : match.start()]))
        position = match.end()
        if match["start"]:
            balance.open_element(match["start"], match["attributes"])
        elif match["end"]:
            balance.close_element(match["end"])
        elif match["cdata"]:
            balance.add_text(escape(match["cdata"], quote=False))
    balance.add_text(_escape_text(_PARTIAL_TAG.sub("", text[position:])))
    balance.close_all()
    return "".join(balance.out)


def _rewrite_attributes(attributes: str) -> str:
    """Quote the attributes; drop repeated ones and those without a value."""
    values: dict[str, str] = {}
    for attribute in _ATTRIBUTE.finditer(attributes):
        value = attribute["double"] or attribute["single"] or attribute["bare"] or ""
        if attribute["bare"] and attribute.end() == len(attributes):
            value = value.removesuffix("/")
        values.setdefault(attribute["name"], _escape_text(value).replace('"', "&quot;"))
    return "".join(f' {name}="{value}"' for name, value in values.items())


def _escape_text(text: str) -> str:
    if "&" in text:
        text = _REFERENCE.sub(_repair_reference, text)
    return text.replace("<", "&lt;").replace("]]>", "]]&gt;")


def _repair_reference(match: re.Match[str]) -> str:
    name = match[1]
    if match[0] == "&":
        return "&amp;"
    if name is None or name in _XML_NAMES:
        return match[0]
    known = html5.get(name + ";")
    return f"&amp;{name};" if known is None else escape(known, quote=False)
