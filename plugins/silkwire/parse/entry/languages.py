"""The language of an entry: declared, or read from its script, or detected."""

from dataclasses import dataclass, replace

from silkwire.parse.entry.scripts import find_script_languages


@dataclass(frozen=True, slots=True)
class DeclaredLanguage:
    """What says which language: the nearest declaration wins."""

    entry: str | None = None
    document: str | None = None
    feed_list: str | None = None

    def narrowed(self, entry: str | None) -> "DeclaredLanguage":
        return replace(self, entry=normalize_language(entry)) if entry else self

    @property
    def nearest(self) -> str | None:
        return self.entry or self.document or self.feed_list


def normalize_language(label: str | None) -> str | None:
    """The primary tag of BCP 47 in lower case, such as `zh` for `zh_CN`; None if it is no tag."""
    if not label:
        return None
    tag = label.strip().lower().replace("_", "-").partition("-")[0]
    tag = _ALIASES.get(tag, tag)
    is_tag = tag.isascii() and tag.isalpha() and len(tag) in (2, 3)
    return tag if is_tag and tag not in ("und", "mul", "xx", "zxx") else None


_ALIASES = {
    "english": "en", "chinese": "zh", "cn": "zh", "jp": "ja", "kr": "ko", "gr": "el", "iw": "he",
    "eng": "en", "zho": "zh", "chi": "zh", "jpn": "ja", "kor": "ko", "deu": "de", "ger": "de",
    "fra": "fr", "fre": "fr", "spa": "es", "rus": "ru", "cz": "cs", "dk": "da", "ua": "uk",
    "german": "de", "french": "fr", "spanish": "es", "russian": "ru", "japanese": "ja",
    "korean": "ko", "nb": "no", "nn": "no",
}  # fmt: skip
_MIN_LENGTH = 16
_MIN_PERCENT = 60


def decide_language(
    declared: DeclaredLanguage, title: str | None, summary: str | None
) -> tuple[str | None, float | None]:
    """Language and confidence (None where it was declared).

    A declaration that the script contradicts (`en-us` over Chinese text, a default of many
    publishing tools) gives way to what the script says.
    """
    text = f"{title or ''} {(summary or '')[:400]}"
    label = declared.nearest
    candidates = find_script_languages(text)
    if label and (not candidates or label in candidates):
        return label, None
    if candidates:
        return candidates[0], 0.9 if len(candidates) > 1 else 0.99
    return _detect(text)


def _detect(text: str) -> tuple[str | None, float | None]:
    """What CLD2 finds in Latin script, where it is sure; it is missing on rare platforms."""
    if len(text) < _MIN_LENGTH:
        return None, None
    try:
        import pycld2  # noqa: PLC0415
    except ImportError:
        return None, None
    try:
        is_reliable, _, found = pycld2.detect(text, bestEffort=False)
    except pycld2.error:  # unassigned code points
        return None, None
    _, code, percent, _ = found[0]
    language = normalize_language(code)
    if not is_reliable or percent < _MIN_PERCENT or code == "un":
        return None, None
    return language, round(min(percent, 99) / 100, 2)
