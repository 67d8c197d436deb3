"""Plain text, defined once for the whole project.

A text that holds tags or character references is HTML: each tag becomes a space, references are
decoded once. Then white space is folded as `str.split` sees it, and the result is in NFC.
"""

import re
import unicodedata
from functools import lru_cache
from html import unescape

_TAG = re.compile(r"<(?:/?[A-Za-z]|[!?])")
_REFERENCE = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_MARKUP = re.compile(
    r"""(?xsi) <!-- .*? (?: --> | \Z )
    | < (script|style) \b .*? (?: </\1 \s* > | \Z )
    | </? [a-z] (?> [^<>"'] | "[^"]*" | '[^']*' )*+ >
    | </? [a-z] [^<>]* >
    | <! [^<>]* > | <\? [^<>]* > """
)


def to_plain_text(text: str, *, is_html: bool | None = None) -> str:
    """`text` as plain text; with `is_html=None` it is HTML if it holds tags or references."""
    if is_html is None:
        is_html = holds_tags(text) or ("&" in text and _REFERENCE.search(text) is not None)
    if is_html:
        if "<" in text:
            text = _MARKUP.sub(" ", text)
        if "&" in text:
            text = _REFERENCE.sub(lambda match: _decode_reference(match[0]), text)
    return fold_text(text)


def fold_text(text: str) -> str:
    """White space folded to single spaces and trimmed; NFC."""
    text = " ".join(text.split())
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def holds_tags(text: str) -> bool:
    return "<" in text and _TAG.search(text) is not None


_decode_reference = lru_cache(4096)(unescape)
