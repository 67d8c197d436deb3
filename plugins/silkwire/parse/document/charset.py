"""Decide the charset of a document and decode its bytes.

Evidence in this order: byte order mark, plain ASCII, valid UTF-8, the charset of the HTTP header,
the declaration in the document, a detector. A label counts only if its codec can decode the bytes.
"""

import codecs
import re
from dataclasses import dataclass, replace

from silkwire.parse.document.charset_labels import find_codec


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a document, the codec's name and the evidence that chose it."""

    text: str
    encoding: str
    evidence: str
    """`bom`, `pattern`, `ascii`, `utf-8-valid`, `http`, `declaration`, `meta`, `detector`."""
    rejected: tuple[str, ...] = ()
    """Labels that the evidence contradicts, as `http: gb2312`."""
    undecodable_count: int = 0
    """Sequences that the codec cannot decode; each is U+FFFD in `text`."""


_BOMS = (  # UTF-32LE comes first, because its mark begins with that of UTF-16LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PATTERNS = (  # XML 1.0 appendix F.1: how `<?` or `<r` begins without a byte order mark
    (re.compile(rb"\s*<\x00\x00\x00\S\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00<\x00\x00\x00\S"), "utf-32-be"),
    (re.compile(rb"(?:\s\x00)*<\x00[?!a-zA-Z]\x00"), "utf-16-le"),
    (re.compile(rb"(?:\x00\s)*\x00<\x00[?!a-zA-Z]"), "utf-16-be"),
)
_ISO_2022 = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(J", "iso2022_jp"))
_SUPERSETS = {
    "cp950": "big5hkscs", "cp932": "shift_jis_2004", "euc_jp": "euc_jis_2004", "cp949": "johab",
}  # fmt: skip
# These labels cannot be right, since the label itself could be read as ASCII.
_NOT_FOR_BYTES = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"}

_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)")
_META = re.compile(rb"(?i)<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)")
_HEAD_BYTES = 4096
_ASCII = bytes(range(0x80))
_C1 = re.compile("[\x80-\x9f]")
_MAX_BAD_SHARE = 0.02  # a label is wrong if its codec fails on more of the bytes above 7F
_SAMPLE_BYTES = 200_000
_FEW = 3


def decode_document(body: bytes, content_type: str | None = None) -> Decoded:
    """Decode `body` by the evidence in it and in its Content-Type. Raises nothing."""
    labels = _find_labels(body, content_type)
    decoded = _decode_by_mark(body) or _decode_by_bytes(body)
    if decoded is None:
        return _decode_by_label(body, labels)
    rejected = tuple(
        f"{source}: {label}"
        for source, label in labels
        if (codec := find_codec(label)) is None or decoded.encoding not in (codec, "ascii")
    )
    return replace(decoded, rejected=rejected)


def _find_labels(body: bytes, content_type: str | None) -> list[tuple[str, str]]:
    """`(source, label)` in the order of evidence."""
    head = body[:_HEAD_BYTES]
    labels = []
    if content_type and (match := _HTTP_CHARSET.search(content_type)):
        labels.append(("http", match[1]))
    if declared := _DECLARED.search(head):
        labels.append(("declaration", declared[1].decode("ascii")))
    elif meta := _META.search(head):
        labels.append(("meta", meta[1].decode("ascii")))
    return labels


def _decode_by_mark(body: bytes) -> Decoded | None:
    for mark, codec in _BOMS:
        if body.startswith(mark):
            return _decode_leniently(body[len(mark) :], codec, "bom")
    for pattern, codec in _PATTERNS:
        if pattern.match(body):
            return _decode_leniently(body, codec, "pattern")
    return None


def _decode_by_bytes(body: bytes) -> Decoded | None:
    if body.isascii():
        for escape, codec in _ISO_2022:
            if escape in body and (text := _decode_strictly(body, codec)) is not None:
                return Decoded(text, codec, "pattern")
        return Decoded(body.decode("ascii"), "ascii", "ascii")
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    if bad:  # a cut character, a few foreign bytes, or another charset
        good = sum(1 for _ in re.finditer(rb"[\xc2-\xf4][\x80-\xbf]+", body))
        if good <= 20 * bad:
            return None
    return Decoded(text, "utf-8", "utf-8-valid", (), bad)


def _decode_by_label(body: bytes, labels: list[tuple[str, str]]) -> Decoded:
    rejected: list[str] = []
    damaged: list[Decoded] = []
    for source, label in labels:
        codec = find_codec(label)
        if codec and codec not in _NOT_FOR_BYTES:
            for candidate in filter(None, (codec, _SUPERSETS.get(codec))):
                text = _decode_strictly(body, candidate)
                # A codec that never fails turns bytes of another charset into control characters.
                if text is not None and len(_C1.findall(text)) <= _FEW:
                    return Decoded(text, candidate, source, tuple(rejected))
            damaged.append(_decode_leniently(body, codec, source))
        rejected.append(f"{source}: {label}")
    high = len(body.translate(None, delete=_ASCII))
    for decoded in damaged:
        if decoded.encoding != "utf-8" and decoded.undecodable_count <= high * _MAX_BAD_SHARE:
            return decoded
    # A few bytes are too little for the detector; browsers assume windows-1252.
    codec = _detect_codec(body) if high > _FEW else None
    decoded = _decode_leniently(body, codec or "cp1252", "detector")
    return replace(decoded, rejected=tuple(rejected))


def _detect_codec(body: bytes) -> str | None:
    import chardet  # noqa: PLC0415 - slow to import, and hardly any feed needs it

    return find_codec(chardet.detect(body[:_SAMPLE_BYTES])["encoding"] or "")


def _decode_strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _decode_leniently(body: bytes, codec: str, evidence: str) -> Decoded:
    text = body.decode(codec, "replace")
    return Decoded(text, codec, evidence, undecodable_count=text.count("\ufffd"))
