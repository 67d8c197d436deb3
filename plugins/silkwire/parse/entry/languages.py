"""Decide the language of an entry: as declared, by its script, or detected (CLD2)."""

import re
from collections import Counter
from contextlib import suppress

_SCRIPTS = {  # the letters of each script, and its languages, the likeliest first
    "kana": ("\u3040-\u30ff\uff66-\uff9d", "ja"),
    "hangul": ("\uac00-\ud7a3\u1100-\u11ff", "ko"),
    "han": ("\u4e00-\u9fff\u3400-\u4dbf", "zh ja yue wuu"),
    "cyrillic": ("\u0400-\u04ff", "ru uk bg be sr mk kk ky mn tg uz tt bs"),
    "greek": ("\u0370-\u03ff", "el"),
    "hebrew": ("\u0590-\u05ff", "he yi"),
    "arabic": ("\u0600-\u06ff", "ar fa ur ps ug ku"),
    "thai": ("\u0e00-\u0e7f", "th"),
    "devanagari": ("\u0900-\u097f", "hi mr ne sa"),
}
_LETTERS = {script: re.compile(f"[{letters}]") for script, (letters, _) in _SCRIPTS.items()}
_LANGUAGES = {script: tuple(names.split()) for script, (_, names) in _SCRIPTS.items()}
_ANY = re.compile(f"[{''.join(letters for letters, _ in _SCRIPTS.values())}]")
_LETTER = re.compile(r"[^\W\d_]")
_OWN_LETTERS = {  # letters that only this one of the script's languages has
    "cyrillic": {
        "uk": re.compile("[іїєґІЇЄҐ]"),
        "ru": re.compile("[ыэёЫЭЁ]"),
        "sr": re.compile("[јљњћђџЈЉЊЋЂЏ]"),
        "bg": re.compile("[ъЪ]"),
    },
    "arabic": {"ur": re.compile("[ٹڈڑےں]"), "fa": re.compile("[پچژگ]")},
}
_ALIASES = {
    "english": "en", "chinese": "zh", "cn": "zh", "jp": "ja", "kr": "ko", "gr": "el", "iw": "he",
    "eng": "en", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "deu": "de", "ger": "de",
    "fra": "fr", "fre": "fr", "spa": "es", "rus": "ru", "cz": "cs", "dk": "da", "ua": "uk",
    "german": "de", "french": "fr", "spanish": "es", "russian": "ru", "japanese": "ja",
    "korean": "ko", "nb": "no", "nn": "no",
}  # fmt: skip
_MIN_LENGTH = 16
_MIN_PERCENT = 60


def normalize_language(label: str | None) -> str | None:
    """The primary tag of BCP 47 in lower case, such as `zh` for `zh_CN`; None if it is no tag."""
    if not label:
        return None
    tag = label.strip().lower().replace("_", "-").partition("-")[0]
    tag = _ALIASES.get(tag, tag)
    is_tag = tag.isascii() and tag.isalpha() and len(tag) in (2, 3)
    return tag if is_tag and tag not in ("und", "mul", "xx", "zxx") else None


def decide_language(
    declared: str | None, title: str | None, summary: str | None
) -> tuple[str | None, float | None]:
    """Language and confidence; the confidence is None where the language was declared.

    If the script contradicts the declaration, the script decides: many publishing tools declare
    `en-us` by default, also over Chinese text.
    """
    text = f"{title or ''} {(summary or '')[:400]}"
    candidates = _find_script_languages(text)
    if declared and (not candidates or declared in candidates):
        return declared, None
    if candidates:
        return candidates[0], 0.9 if len(candidates) > 1 else 0.99
    return _detect(text)


def _find_script_languages(text: str) -> tuple[str, ...]:
    """The languages of the script that most letters are in, the likeliest first; none for Latin."""
    if text.isascii() or _ANY.search(text) is None:
        return ()
    counts = Counter({name: len(letters.findall(text)) for name, letters in _LETTERS.items()})
    letters = len(_LETTER.findall(text))
    kana, han = counts["kana"], counts["han"]
    name, count = counts.most_common(1)[0]
    if kana and kana * 12 >= han and kana + han == max(kana + han, count):
        return _LANGUAGES["kana"]
    if count * (4 if name in ("han", "hangul") else 2) < letters or count < 2:
        return ()
    own = {language: len(p.findall(text)) for language, p in _OWN_LETTERS.get(name, {}).items()}
    first = max(own, key=own.__getitem__, default="")
    return (first, *_LANGUAGES[name]) if own.get(first) else _LANGUAGES[name]


def _detect(text: str) -> tuple[str | None, float | None]:
    """The language that CLD2 is sure of in Latin script; some platforms have no CLD2."""
    if len(text) < _MIN_LENGTH:
        return None, None
    try:
        import pycld2  # noqa: PLC0415
    except ImportError:
        return None, None
    with suppress(pycld2.error):  # raised for unassigned code points
        is_reliable, _, ((_, code, percent, _), *_) = pycld2.detect(text, bestEffort=False)
        if is_reliable and percent >= _MIN_PERCENT and code != "un":
            return normalize_language(code), round(min(percent, 99) / 100, 2)
    return None, None
