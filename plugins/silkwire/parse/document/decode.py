"""Decode: bytes and the labels that came with them in, text out, and what decided it.

Evidence in this order: byte order mark, plain ASCII, valid UTF-8, the label of the HTTP header, the
label in the document, a detector. A label counts only if its codec reads the bytes; labels are read
as the web reads them (WHATWG Encoding §4.2).
"""

import codecs
import re
from dataclasses import dataclass

from silkwire.parse.document.detect import detect_encoding


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text of a document, the codec's name and the evidence that chose it."""

    text: str
    encoding: str
    evidence: str
    """`bom`, `pattern`, `ascii`, `utf-8-valid`, `http`, `declaration`, `meta`, `detector`."""
    rejected: tuple[str, ...] = ()
    """Labels that were there and lost, as `http: gb2312`."""
    undecodable_count: int = 0
    """Sequences that the codec cannot hold; each is U+FFFD in `text`."""


_BOMS = (  # the longer first: the mark of UTF-16LE begins that of UTF-32LE
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PATTERNS = (  # XML 1.0 appendix F.1: what `<?` or `<r` looks like without a mark
    (re.compile(rb"\s*<\x00\x00\x00\S\x00\x00\x00"), "utf-32-le"),
    (re.compile(rb"\x00\x00\x00<\x00\x00\x00\S"), "utf-32-be"),
    (re.compile(rb"(?:\s\x00)*<\x00[?!a-zA-Z]\x00"), "utf-16-le"),
    (re.compile(rb"(?:\x00\s)*\x00<\x00[?!a-zA-Z]"), "utf-16-be"),
)
_ISO_2022 = ((b"\x1b$)C", "iso2022_kr"), (b"\x1b$", "iso2022_jp_ext"), (b"\x1b(J", "iso2022_jp"))

# Where the web reads a label as another codec than Python does.
_WEB_LABELS = {
    "gb18030": "gb2312 gbk gb_2312-80 gb2312-80 gb_2312 x-gbk chinese csgb2312 cp936 ms936 hz-gb",
    "cp949": "euc-kr euckr ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 korean uhc windows-949",
    "cp932": "shift_jis shift-jis sjis s-jis x-sjis ms_kanji windows-31j ms932 csshiftjis",
    "cp950": "big5 big-5 x-x-big5 cn-big5 csbig5 big5-eten",
    "big5hkscs": "big5-hkscs big5hk",
    "euc_jp": "x-euc-jp euc-jp eucjp cseucpkdfmtjapanese",
    "cp1252": "iso-8859-1 iso8859-1 iso_8859-1 latin1 latin-1 l1 us-ascii ascii ansi x-ansi "
    "windows-1252 x-cp1252 iso88591 8859-1 ansi_x3.4-1968",
    "cp1254": "iso-8859-9 iso8859-9 iso_8859-9 latin5 l5 x-cp1254",
    "cp874": "tis-620 tis620 iso-8859-11 windows-874 dos-874 iso8859-11",
    "cp1250": "x-cp1250",
    "cp1251": "x-cp1251 win-1251 win1251 cp-1251",
    "iso8859-8": "iso-8859-8-i iso-8859-8-e logical visual",
    "iso8859-6": "iso-8859-6-i iso-8859-6-e asmo-708",
    "mac_cyrillic": "x-mac-cyrillic x-mac-ukrainian maccyrillic mac-cyrillic",
    "mac_roman": "macintosh x-mac-roman mac macroman",
    "koi8-u": "koi8-ru",
    "koi8-r": "koi koi8 koi8_r cskoi8r",
    "utf-8": "unicode-1-1-utf-8 utf8 utf_8 unicode utf-8-bom x-unicode20utf8",
}
_CODECS = {label: codec for codec, labels in _WEB_LABELS.items() for label in labels.split()}
_SUPERSETS = {
    "cp950": ("big5hkscs",),
    "cp932": ("shift_jis_2004",),
    "euc_jp": ("euc_jis_2004",),
    "cp949": ("johab",),
}
_NOT_FOR_BYTES = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"}
"""A label in ASCII letters contradicts these."""

_HTTP_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([^\s\"';,]+)", re.IGNORECASE)
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)")
_META = re.compile(rb"(?i)<meta[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9._:-]+)")
_HEAD_BYTES = 4096
_ASCII = bytes(range(0x80))
_C1 = re.compile("[\x80-\x9f]")
_MAX_BAD_SHARE = 0.02
"""A label whose codec fails on more of the bytes above 7F than this is wrong."""


def decode_document(body: bytes, content_type: str | None = None) -> Decoded:
    """Read `body` as text by the evidence in it and in its Content-Type. Never fails."""
    decided = _decode_by_mark(body) or _decode_by_bytes(body)
    labels = _find_labels(body, content_type)
    if decided is None:
        return _decode_by_label(body, labels)
    losers = tuple(
        f"{source}: {label}"
        for source, label in labels
        if not _agrees(find_codec(label), decided.encoding)
    )
    return Decoded(
        decided.text, decided.encoding, decided.evidence, losers, decided.undecodable_count
    )


def find_codec(label: str) -> str | None:
    """The Python codec that reads what the web means by `label`; None for an unknown one."""
    name = label.strip().lower()
    try:
        codec = _CODECS.get(name) or codecs.lookup(name.replace("windows-", "cp")).name
        "".encode(codec)
    except (LookupError, UnicodeError, ValueError):
        return None
    codec = "mac_cyrillic" if codec == "mac-cyrillic" else codec
    return _CODECS.get(codec, codec)


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
            if escape in body:
                text = _decode_strictly(body, codec)
                if text is not None:
                    return Decoded(text, codec, "pattern")
        return Decoded(body.decode("ascii"), "ascii", "ascii")
    text = _decode_strictly(body, "utf-8")
    if text is not None:
        return Decoded(text, "utf-8", "utf-8-valid")
    return _decode_damaged_utf8(body)


def _decode_damaged_utf8(body: bytes) -> Decoded | None:
    """UTF-8 that was cut inside a character, or into which a few foreign bytes were pasted.

    In no legacy text do nearly all bytes above 7F form UTF-8 sequences by chance.
    """
    text = body.decode("utf-8", "replace")
    bad = text.count("\ufffd") - body.count(b"\xef\xbf\xbd")
    good = sum(1 for _ in re.finditer(rb"[\xc2-\xf4][\x80-\xbf]+", body))
    return Decoded(text, "utf-8", "utf-8-valid", (), bad) if good > 20 * bad else None


def _find_labels(body: bytes, content_type: str | None) -> list[tuple[str, str]]:
    head = body[:_HEAD_BYTES]
    found = []
    if content_type and (match := _HTTP_CHARSET.search(content_type)):
        found.append(("http", match[1]))
    if declared := _DECLARED.search(head):
        found.append(("declaration", declared[1].decode("ascii")))
    elif meta := _META.search(head):
        found.append(("meta", meta[1].decode("ascii")))
    return found


def _decode_by_label(body: bytes, labels: list[tuple[str, str]]) -> Decoded:
    rejected: list[str] = []
    damaged: list[Decoded] = []
    for source, label in labels:
        codec = find_codec(label)
        if codec and codec not in _NOT_FOR_BYTES:
            for candidate in (codec, *_SUPERSETS.get(codec, ())):
                text = _decode_strictly(body, candidate)
                if text is not None and not _is_c1_text(text):
                    return Decoded(text, candidate, source, tuple(rejected))
            damaged.append(_decode_leniently(body, codec, source))
        rejected.append(f"{source}: {label}")
    high = len(body.translate(None, delete=_ASCII))
    for decoded in damaged:
        if decoded.encoding != "utf-8" and decoded.undecodable_count <= high * _MAX_BAD_SHARE:
            return decoded
    return _decode_leniently(
        body, find_codec(detect_encoding(body)) or "cp1252", "detector", tuple(rejected)
    )


def _decode_strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _decode_leniently(
    body: bytes, codec: str, evidence: str, rejected: tuple[str, ...] = ()
) -> Decoded:
    text = body.decode(codec, "replace")
    return Decoded(text, codec, evidence, rejected, text.count("\ufffd"))


def _is_c1_text(text: str) -> bool:
    """Whether a codec that never fails turned the bytes into control characters."""
    return len(_C1.findall(text)) > 3


def _agrees(codec: str | None, encoding: str) -> bool:
    return codec is not None and encoding in (codec, "ascii")
