"""Texts of entries: what a publisher wrote in, plain text or harmless HTML out.

Plain text is defined once for the whole project: a text that holds tags or character references is
HTML (tags become a space, references are decoded once); then white space is folded as `str.split`
sees it, and the result is NFC.
"""

import codecs
import re
import unicodedata
from functools import lru_cache
from html import unescape

import nh3

from silkwire.parse.entry.markers import CUT, REMOVED, REPLACED

_TAG = re.compile(r"""<(?:!--|/?[A-Za-z]|!|\?)""")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKUP = re.compile(
    r"""(?xsi) <!-- .*? (?: --> | \Z )
    | < (script|style) \b .*? (?: </\1 \s* > | \Z )
    | </? [a-z] (?> [^<>"'] | "[^"]*" | '[^']*' )*+ >
    | </? [a-z] [^<>]* >
    | <! [^<>]* > | <\? [^<>]* > """
)
_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6-\u02dc\u2013-\u2122]")
_MAX_NESTING = 1000
_NESTING = re.compile(  # those of the other elements end by themselves, or are always empty
    r"<(/?)(?!(?:p|li|dt|dd|tr|td|th|option|br|hr|img|input|meta|link|wbr|source|col)\b)[a-z]",
    re.IGNORECASE,
)
_CLEANER = nh3.Cleaner()
_C1 = re.compile("[\x80-\x9f]")


def is_markup(text: str) -> bool:
    """Whether `text` holds tags or character references."""
    return ("<" in text and _TAG.search(text) is not None) or (
        "&" in text and _REFERENCE.search(text) is not None
    )


def to_plain_text(text: str, *, is_html: bool | None = None) -> str:
    """`text` for reading and matching; `is_html` None lets the text itself decide."""
    if is_markup(text) if is_html is None else is_html:
        if "<" in text:
            text = _MARKUP.sub(" ", text)
        if "&" in text:
            text = _REFERENCE.sub(lambda match: _decode_reference(match[0]), text)
    return fold_text(text)


def fold_text(text: str) -> str:
    """White space folded to single spaces and trimmed; NFC."""
    text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


@lru_cache(4096)
def _decode_reference(reference: str) -> str:
    return unescape(reference)


def holds_tags(text: str) -> bool:
    return "<" in text and _TAG.search(text) is not None


def sanitize_html(text: str) -> str | None:
    """`text` as HTML that executes nothing; None where it nests too deep to be cleaned in time."""
    return None if _nests_too_deep(text) else _CLEANER.clean(text)


def _nests_too_deep(text: str) -> bool:
    """The HTML parser's time grows with the square of the depth: 60,000 levels took it 12 s."""
    if text.count("<") <= _MAX_NESTING:
        return False
    depth = 0
    for match in _NESTING.finditer(text):
        depth = max(0, depth - 1) if match[1] else depth + 1
        if depth > _MAX_NESTING:
            return True
    return False


def clean_text(text: str) -> tuple[str, str | None]:
    """`text` with only characters that can be stored, and what was wrong with it (or None)."""
    problem = None
    text = text.replace(CUT, "")
    if REPLACED in text or REMOVED in text:
        count = text.count(REPLACED) + text.count(REMOVED)
        text = text.replace(REPLACED, "\ufffd").replace(REMOVED, "")
        problem = f"holds {count} forbidden character{'s' * (count > 1)}"
    if text.isascii():
        return text, problem
    if _TWICE.search(text) and (repaired := _decode_again(text)) is not None:
        return repaired, "was encoded twice"
    if _C1.search(text):
        text = _C1.sub(_read_c1, text)
    return text, problem


def _decode_again(text: str) -> str | None:
    """UTF-8 that a tool read as windows-1252 and stored as UTF-8 again; None if it is not that.

    The whole text must turn back: a chance that the text of no language has.
    """
    try:
        return text.encode("cp1252", "silkwire_c1").decode("utf-8")
    except UnicodeError:
        return None


def _keep_c1(error: UnicodeError) -> tuple[bytes, int]:
    """The bytes that windows-1252 leaves open stand for themselves (WHATWG Encoding)."""
    if isinstance(error, UnicodeEncodeError) and _C1.match(error.object[error.start]):
        return error.object[error.start].encode("latin-1"), error.start + 1
    raise error


codecs.register_error("silkwire_c1", _keep_c1)


def _read_c1(match: re.Match[str]) -> str:
    """C1 controls in text are windows-1252 (HTML standard §13.2.5.80, numeric references)."""
    return match[0].encode("latin-1").decode("cp1252", "ignore")
