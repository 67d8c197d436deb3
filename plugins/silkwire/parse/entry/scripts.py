"""Which languages a text's script allows; nothing for Latin script, which many share."""

import re
from collections import Counter

_SCRIPTS = (
    ("kana", re.compile("[\u3040-\u30ff\uff66-\uff9d]")),
    ("hangul", re.compile("[\uac00-\ud7a3\u1100-\u11ff]")),
    ("han", re.compile("[\u4e00-\u9fff\u3400-\u4dbf]")),
    ("cyrillic", re.compile("[\u0400-\u04ff]")),
    ("greek", re.compile("[\u0370-\u03ff]")),
    ("hebrew", re.compile("[\u0590-\u05ff]")),
    ("arabic", re.compile("[\u0600-\u06ff]")),
    ("thai", re.compile("[\u0e00-\u0e7f]")),
    ("devanagari", re.compile("[\u0900-\u097f]")),
)
_ANY = re.compile(f"[{''.join(script.pattern[1:-1] for _, script in _SCRIPTS)}]")
_LETTER = re.compile(r"[^\W\d_]")
_LANGUAGES = {
    "kana": ("ja",),
    "hangul": ("ko",),
    "han": ("zh", "ja", "yue", "wuu"),
    "greek": ("el",),
    "hebrew": ("he", "yi"),
    "thai": ("th",),
    "devanagari": ("hi", "mr", "ne", "sa"),
    "arabic": ("ar", "fa", "ur", "ps", "ug", "ku"),
    "cyrillic": ("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn", "tg", "uz", "tt", "bs"),
}
_NARROWER = {
    "cyrillic": (
        ("uk", re.compile("[іїєґІЇЄҐ]")),
        ("ru", re.compile("[ыэёЫЭЁ]")),
        ("sr", re.compile("[јљњћђџЈЉЊЋЂЏ]")),
        ("bg", re.compile("[ъЪ]")),
    ),
    "arabic": (("ur", re.compile("[ٹڈڑےں]")), ("fa", re.compile("[پچژگ]"))),
}


def find_script_languages(text: str) -> tuple[str, ...]:
    """Languages written in the script of most letters of `text`, the likeliest first."""
    if text.isascii() or _ANY.search(text) is None:
        return ()
    counts = Counter({name: len(script.findall(text)) for name, script in _SCRIPTS})
    letters = len(_LETTER.findall(text))
    kana, han = counts["kana"], counts["han"]
    name, count = counts.most_common(1)[0]
    if kana and kana * 12 >= han and kana + han == max(kana + han, count):
        return _LANGUAGES["kana"]
    if count * (4 if name in ("han", "hangul") else 2) < letters or count < 2:
        return ()
    return _order(name, text)


def _order(script: str, text: str) -> tuple[str, ...]:
    """The likeliest first, told by letters that only it has."""
    languages = _LANGUAGES[script]
    found = [(len(p.findall(text)), -n) for n, (_, p) in enumerate(_NARROWER.get(script, ()))]
    best = max(found, default=(0, 0))
    if not best[0]:
        return languages
    first = _NARROWER[script][-best[1]][0]
    return (first, *(language for language in languages if language != first))
