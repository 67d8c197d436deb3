"""Replace characters that cannot be stored, and repair text that was decoded wrongly before."""

import codecs
import re

# Noncharacters that mark places in a document's text until `clean_text` removes them.
REPLACED = "\ufdd0"
"""In place of a character that cannot be stored (NUL, a lone surrogate)."""
REMOVED = "\ufdd1"
"""In place of a control character that XML forbids."""
CUT = "\ufdd2"
"""At the end of a text that the end of the document cut off."""

_TWICE = re.compile("[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u0178\u0192\u02c6-\u02dc\u2013-\u2122]")
_C1 = re.compile("[\x80-\x9f]")


def clean_text(text: str) -> tuple[str, str | None]:
    """`text` with only characters that can be stored, and what was wrong with it (or None)."""
    problem = None
    text = text.replace(CUT, "")
    if count := text.count(REPLACED) + text.count(REMOVED):
        text = text.replace(REPLACED, "\ufffd").replace(REMOVED, "")
        problem = f"holds {count} forbidden character{'s' * (count > 1)}"
    if text.isascii():
        return text, problem
    if _TWICE.search(text) and (repaired := _undo_double_encoding(text)) is not None:
        return repaired, "was encoded twice"
    if _C1.search(text):
        text = _C1.sub(_read_c1, text)
    return text, problem


def _undo_double_encoding(text: str) -> str | None:
    """Repair UTF-8 that was read as windows-1252 and stored as UTF-8 again; None if it was not.

    The whole text has to turn back, which a text in any language does not do by chance.
    """
    try:
        return text.encode("cp1252", "silkwire_c1").decode("utf-8")
    except UnicodeError:
        return None


def _keep_c1(error: UnicodeError) -> tuple[bytes, int]:
    """Bytes that windows-1252 does not define map to the same code point (WHATWG Encoding)."""
    if isinstance(error, UnicodeEncodeError) and _C1.match(error.object[error.start]):
        return error.object[error.start].encode("latin-1"), error.start + 1
    raise error


codecs.register_error("silkwire_c1", _keep_c1)


def _read_c1(match: re.Match[str]) -> str:
    """Read a C1 control as windows-1252 (HTML standard §13.2.5.80, numeric references)."""
    return match[0].encode("latin-1").decode("cp1252", "ignore")
