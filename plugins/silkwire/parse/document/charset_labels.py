"""Charset labels: the Python codec for each, chosen as browsers choose (WHATWG Encoding §4.2)."""

import codecs

# Labels that browsers read as another codec than Python does.
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
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}
"""Python codecs of text that browsers know no charset for; some are slow on purpose-made input."""
_CODECS = {label: codec for codec, labels in _WEB_LABELS.items() for label in labels.split()}


def find_codec(label: str) -> str | None:
    """The Python codec for `label`; None for an unknown one."""
    name = label.strip().lower()
    try:
        codec = _CODECS.get(name) or codecs.lookup(name.replace("windows-", "cp")).name
        "".encode(codec)
    except (LookupError, UnicodeError, ValueError):
        return None
    return None if codec in _NO_CHARSETS else _CODECS.get(codec, codec)
