"""Fold text for matching: NFKC, case, diacritics, hyphens and Chinese variants. Pure.

The stored text is not changed; a span in the folded text is mapped back to it. Every character is
folded by itself, without regard to its neighbours, so offsets are exact.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

_SPACES = "\t\n\x0b\x0c\r\x85\u2028\u2029"
_HYPHENS = "-\u00ad\u2010\u2011\u2012\u2043\ufe63\uff0d"
_QUOTES = "\u2018\u2019\u201b\u02bc\uff07\u00b4"
_HAN = ((0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0), (0x2F800, 0x2FA20))
_FIRST_MARK, _LAST_MARK = 0x300, 0x36F
"""Combining Diacritical Marks."""
_BMP_END = 0x10000
_BEYOND_BMP = "\U00010000-\U0010ffff"


class FoldedText(NamedTuple):
    """`text` is folded; `offsets[i]` is the position of its character i in the text as given.

    `offsets` is None if every character has a form of one character.
    """

    text: str
    offsets: tuple[int, ...] | None = None

    def unfold_span(self, start: int, end: int) -> tuple[int, int]:
        """Map a folded span to the code points [start, end) of the text as given."""
        if self.offsets is None:
            return start, end
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class _Tables:
    forms: dict[str, str]
    """The folded form of every character of the Basic Multilingual Plane that folding changes."""
    same_size: dict[str, str]
    """The folded forms that have one character."""
    changing: re.Pattern[str]
    """Matches lower-case characters that folding changes, and all characters beyond the plane."""


def fold_text(text: str) -> FoldedText:
    """Fold `text`: in one or two passes in C if every form has one character, else one by one."""
    if text.isascii():
        return FoldedText(text.encode("ascii").translate(_ASCII_FORMS).decode("ascii"))
    tables = _build_tables()
    forms = tables.same_size
    try:
        return FoldedText(tables.changing.sub(lambda found: forms[found[0]], text.lower()))
    except KeyError:
        return _fold_slowly(text, tables.forms)


def fold_character(character: str) -> str:
    """The folded form of one character: empty for an invisible one, longer for a ligature."""
    return _build_tables().forms.get(character, _fold_beyond_bmp(character))


def _fold_slowly(text: str, forms: dict[str, str]) -> FoldedText:
    parts: list[str] = []
    offsets: list[int] = []
    for position, character in enumerate(text):
        form = forms.get(character)
        if form is None:
            form = character if character < "\U00010000" else _fold_beyond_bmp(character)
        parts.append(form)
        offsets.extend([position] * len(form))
    return FoldedText("".join(parts), tuple(offsets))


@cache
def _build_tables() -> _Tables:
    simplified = _read_variants()
    forms = {c: simplified[c] for c in simplified if c < "\U00010000"}
    for character in _list_folding_characters():
        form = _fold_one(character, simplified)
        if form != character:
            forms[character] = form
    same_size = {c: form for c, form in forms.items() if len(form) == 1}
    changing = "".join(re.escape(c) for c in forms if c.lower() == c)
    return _Tables(forms, same_size, re.compile(f"[{changing}{_BEYOND_BMP}]"))


def _list_folding_characters() -> list[str]:
    """The characters of the plane that `_fold_one` may change, apart from Chinese variants.

    All others have no decomposition, no case and none of the categories that it treats specially.
    The whole plane is normalised at once, one character a line, which is faster. Neither mapping
    combines characters across a line end.
    """
    plane = [chr(code) for code in range(_BMP_END) if code != ord("\n")]
    lines = "\n".join(plane)
    asked = zip(
        plane,
        unicodedata.normalize("NFKD", lines).split("\n"),
        lines.casefold().split("\n"),
        strict=True,
    )
    apart = {*_HYPHENS, *_SPACES, *_QUOTES, *map(chr, range(_FIRST_MARK, _LAST_MARK + 1))}
    changing = {c for c, decomposed, folded in asked if decomposed != c or folded != c}
    invisible = {c for c in plane if unicodedata.category(c) == "Cf"}
    # Hangul syllables decompose and are composed again
    return sorted((apart | changing | invisible) - set(map(chr, range(0xAC00, 0xD7A4))))


def _fold_one(character: str, simplified: dict[str, str]) -> str:
    if character in _HYPHENS or character in _SPACES:
        return "" if character == "\u00ad" else " "
    if character in _QUOTES:
        return "'"
    category = unicodedata.category(character)
    if category == "Cf" or _FIRST_MARK <= ord(character) <= _LAST_MARK:
        return ""
    if category == "Cs":
        return character
    form = _strip_marks(unicodedata.normalize("NFKC", character))
    if len(form) != 1 and (category[0] in "PS" or not form.strip()):
        return " " if not form.strip() else character  # an ellipsis is not three full stops
    form = _strip_marks(form.casefold())
    return "".join(simplified.get(c, c) for c in form)


def _strip_marks(text: str) -> str:
    """`é` becomes `e`; marks of other scripts stay, since they make other letters."""
    parts = unicodedata.normalize("NFD", text)
    kept = "".join(c for c in parts if not _FIRST_MARK <= ord(c) <= _LAST_MARK)
    return unicodedata.normalize("NFC", kept)


@cache
def _fold_beyond_bmp(character: str) -> str:
    if character < "\U00010000":
        return character
    return _fold_one(character, _read_variants())


@cache
def _read_variants() -> dict[str, str]:
    """Traditional to Simplified, character by character, from OpenCC's tables."""
    import opencc  # noqa: PLC0415 - heavy, and needed only where rules are loaded

    han = [chr(code) for start, end in _HAN for code in range(start, end)]
    simple = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {c: s for c, s in zip(han, simple, strict=True) if c != s and len(s) == 1}


_ASCII_FORMS = bytes(
    ord(" ") if chr(code) in _SPACES + _HYPHENS else ord(chr(code).lower()) for code in range(128)
).ljust(256)
"""The folded form of every ASCII character, for `bytes.translate`."""
