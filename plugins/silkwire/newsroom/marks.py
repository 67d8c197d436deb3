"""Cut a text into pieces and mark some of them: matched words, or words that an edit changed."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile

_WORD = 20
_LEAD = 80
"""Characters shown before a matched word near the end of a text."""
MAX_COMPARED = 1_500
"""If more tokens than this lie between the first and the last change, they count as one change."""
# One character of Chinese or Japanese, a word, spaces, or any other character.
_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|\w+|\s+|.", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Span:
    """`text[start:end]` in code points, and its label, such as a topic."""

    start: int
    end: int
    label: str


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; `label` is None if it is not marked."""

    text: str
    label: str | None = None


def mark_spans(text: str | None, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """Pieces that join to `text`. Spans that overlap become one piece with all their labels.

    Spans outside the text are ignored, so that the page is shown all the same.
    """
    if not text:
        return ()
    pieces, place = [], 0
    for span in _merge_spans(span for span in spans if 0 <= span.start < span.end <= len(text)):
        if span.start > place:
            pieces.append(Piece(text[place : span.start]))
        pieces.append(Piece(text[span.start : span.end], span.label))
        place = span.end
    if place < len(text):
        pieces.append(Piece(text[place:]))
    return tuple(pieces)


def cut_pieces(pieces: tuple[Piece, ...], length: int) -> tuple[Piece, ...]:
    """Some `length` characters with the first marked ones among them; an ellipsis marks a cut."""
    mark = next((number for number, piece in enumerate(pieces) if piece.label), None)
    if mark is not None:
        before = "".join(piece.text for piece in pieces[:mark])
        if len(before) + len(pieces[mark].text) > length:
            pieces = (Piece("…" + before[-_LEAD:].lstrip()), *pieces[mark:])
    return _cut_end(pieces, length)


def _cut_end(pieces: Iterable[Piece], length: int) -> tuple[Piece, ...]:
    kept, left = [], length
    for piece in pieces:
        if len(piece.text) > left:
            kept.append(Piece(_cut_word(piece.text[:left]) + "…", piece.label))
            break
        kept.append(piece)
        left -= len(piece.text)
    return tuple(kept)


def _cut_word(text: str) -> str:
    """Remove an incomplete last word; a text without spaces may end anywhere."""
    begun = text.rfind(" ")
    return text[:begun].rstrip() if 0 < begun >= len(text) - _WORD else text.rstrip()


def compare_texts(
    before: str | None, after: str | None
) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both texts in pieces; changed ones have the label `removed` before and `added` after."""
    old, new = _TOKEN.findall(before or ""), _TOKEN.findall(after or "")
    start = _count_common(old, new)
    end = _count_common(old[start:][::-1], new[start:][::-1])
    left, right = [*_pieces(old[:start])], [*_pieces(old[:start])]
    for is_same, gone, come in _compare(old[start : len(old) - end], new[start : len(new) - end]):
        left += _pieces(gone, None if is_same else "removed")
        right += _pieces(come, None if is_same else "added")
    tail = _pieces(old[len(old) - end :])
    return (*left, *tail), (*right, *tail)


def _count_common(first: list[str], second: list[str]) -> int:
    pairs = zip(first, second, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _compare(old: list[str], new: list[str]) -> Iterator[tuple[bool, list[str], list[str]]]:
    if max(len(old), len(new)) > MAX_COMPARED:
        yield False, old, new
        return
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield kind == "equal", old[i1:i2], new[j1:j2]


def _pieces(tokens: list[str], label: str | None = None) -> tuple[Piece, ...]:
    return (Piece("".join(tokens), label),) if tokens else ()


def find_direction(text: str | None) -> str:
    """`rtl` if the first letter that has a direction is written from right to left, else `ltr`."""
    for character in text or "":
        kind = unicodedata.bidirectional(character)
        if kind in ("R", "AL"):
            return "rtl"
        if kind == "L":
            return "ltr"
    return "ltr"


def _merge_spans(spans: Iterable[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if merged and span.start < merged[-1].end:
            last = merged[-1]
            label = (
                last.label if span.label in last.label.split(" ") else f"{last.label} {span.label}"
            )
            merged[-1] = Span(last.start, max(last.end, span.end), label)
        else:
            merged.append(span)
    return merged
