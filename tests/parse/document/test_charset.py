"""Deciding the charset of a document."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.parse.document.charset import decode_document
from silkwire.parse.document.charset_labels import find_codec

CHINESE = "中国对外籍游客扩大免签范围，并公布新的过境政策"
JAPANESE = "新しい人工知能の法律が可決された、と政府が発表"
RUSSIAN = "Правительство объявило о новых правилах для путешественников"


def xml(text, label=None):
    declaration = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    return f"{declaration}<rss><title>{text}</title></rss>"


@pytest.mark.parametrize(
    ("mark", "codec"),
    [
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
        (b"\0\0\xfe\xff", "utf-32-be"),
    ],
)
def test_a_byte_order_mark_wins_over_every_label(mark, codec):
    body = mark + xml(CHINESE, "gb2312").encode(codec)
    decoded = decode_document(body, "text/xml; charset=iso-8859-1")
    assert (decoded.text, decoded.encoding, decoded.evidence) == (
        xml(CHINESE, "gb2312"),
        codec,
        "bom",
    )
    assert decoded.rejected[0] == "http: iso-8859-1"


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_without_a_mark_is_known_by_its_first_character(codec):
    decoded = decode_document(xml(JAPANESE).encode(codec))
    assert (decoded.text, decoded.encoding, decoded.evidence) == (xml(JAPANESE), codec, "pattern")


def test_utf_8_labelled_gb2312_is_utf_8():
    decoded = decode_document(xml(CHINESE, "gb2312").encode(), "text/xml; charset=gb2312")
    assert (decoded.encoding, decoded.evidence) == ("utf-8", "utf-8-valid")
    assert decoded.rejected == ("http: gb2312", "declaration: gb2312")
    assert CHINESE in decoded.text


def test_the_http_label_goes_before_the_declaration():
    decoded = decode_document(
        xml(RUSSIAN, "koi8-r").encode("cp1251"), "text/xml; charset=windows-1251"
    )
    assert (decoded.encoding, decoded.evidence) == ("cp1251", "http")
    assert RUSSIAN in decoded.text


def test_a_label_whose_codec_fails_gives_way_to_the_next():
    decoded = decode_document(xml(JAPANESE, "shift_jis").encode("cp932"), "text/xml; charset=utf-8")
    assert (decoded.encoding, decoded.evidence) == ("cp932", "declaration")
    assert decoded.rejected == ("http: utf-8",)


@pytest.mark.parametrize(
    ("label", "codec"),
    [
        ("gb2312", "gb18030"),
        ("GBK", "gb18030"),
        ("iso-8859-1", "cp1252"),
        ("us-ascii", "cp1252"),
        ("iso-8859-9", "cp1254"),
        ("Shift_JIS", "cp932"),
        ("x-sjis", "cp932"),
        ("EUC-JP", "euc_jp"),
        ("euc-kr", "cp949"),
        ("ks_c_5601-1987", "cp949"),
        ("Big5", "cp950"),
        ("windows-1251", "cp1251"),
        ("x-mac-cyrillic", "mac_cyrillic"),
        ("IBM866", "cp866"),
        ("KOI8-R", "koi8-r"),
        ("tis-620", "cp874"),
        ("UTF8", "utf-8"),
        ("no-such-label", None),
        ("", None),
        ("base64", None),
        ("zlib", None),
        ("idna\0", None),
        ("idna", None),
        ("punycode", None),
        ("unicode_escape", None),
        ("raw-unicode-escape", None),
        ("utf-7", None),
    ],
)
def test_labels_are_read_as_the_web_reads_them(label, codec):
    assert find_codec(label) == codec


def test_characters_beyond_gb2312_are_read_under_its_label():
    text = CHINESE + "㐀镕喆"
    decoded = decode_document(xml(text, "gb2312").encode("gb18030"))
    assert text in decoded.text
    assert decoded.undecodable_count == 0


def test_curly_quotes_are_read_under_the_label_iso_8859_1():
    decoded = decode_document(xml("“Café”", "iso-8859-1").encode("cp1252"))
    assert "“Café”" in decoded.text


def test_iso_2022_jp_is_known_by_its_escapes():
    decoded = decode_document(xml(JAPANESE).encode("iso2022_jp"))
    assert (decoded.encoding, decoded.evidence) == ("iso2022_jp_ext", "pattern")
    assert JAPANESE in decoded.text


def test_without_a_label_the_detector_decides():
    decoded = decode_document(xml(RUSSIAN * 5).encode("cp1251"))
    assert (decoded.encoding, decoded.evidence) == ("cp1251", "detector")


def test_utf_8_cut_inside_a_character_stays_utf_8():
    decoded = decode_document(xml(CHINESE * 5).encode()[:200])
    assert decoded.encoding == "utf-8"
    assert decoded.undecodable_count == 1


def test_a_lone_windows_apostrophe_under_the_label_utf_8_is_windows_1252():
    decoded = decode_document(xml("It's", "utf-8").encode().replace(b"'s", b"\x92s"))
    assert decoded.encoding == "cp1252"
    assert "It’s" in decoded.text


def test_plain_ascii_is_ascii_whatever_the_label_says():
    decoded = decode_document(xml("plain", "utf-16").encode(), "text/xml; charset=big5")
    assert (decoded.encoding, decoded.evidence) == ("ascii", "ascii")


@given(st.binary(max_size=400), st.text(max_size=30))
def test_any_bytes_under_any_label_give_text(body, content_type):
    decoded = decode_document(body, content_type)
    assert isinstance(decoded.text, str)


@given(st.text(alphabet=st.characters(codec="gb18030", exclude_categories=("Cs",)), min_size=1))
def test_gb18030_round_trips(text):
    decoded = decode_document(xml(text, "gb18030").encode("gb18030"))
    if decoded.encoding == "gb18030":
        assert decoded.text == xml(text, "gb18030")
