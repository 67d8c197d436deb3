"""Folding for matching: what becomes one, and that every offset leads back exactly."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.topics.folding import (
    _build_tables,
    _fold_one,
    _read_variants,
    fold_character,
    fold_text,
)

TEXTS = st.text(
    st.one_of(
        st.characters(codec="utf-8"),
        st.sampled_from("AIai中國国境ＡＩ ﬁß…™-‑\u200b\u00ad\u0301é\n’İ𝐀𠀀人報"),
    )
)


@pytest.mark.parametrize(
    ("given_text", "folded"),
    [
        ("AI", "ai"),
        ("ＡＩ规制", "ai规制"),
        ("人工智慧專家出境須報批", "人工智慧专家出境须报批"),
        ("state-of‑the–art", "state of the–art"),
        ("J’ai visité", "j'ai visite"),
        ("cafe\u0301", "cafe"),
        ("A\u200bI", "ai"),
        ("ﬁne Straße", "fine strasse"),
        ("wait…", "wait…"),
        ("two\nlines\u00a0here", "two lines here"),
        ("𝐀𝐈", "ai"),
        ("が", "が"),
    ],
)
def test_text_folds_to(given_text, folded):
    assert fold_text(given_text).text == folded


@given(TEXTS)
def test_folding_is_by_character(text):
    assert fold_text(text).text == "".join(map(fold_character, text))


@given(TEXTS)
def test_every_folded_character_leads_back_to_the_one_it_came_from(text):
    folded = fold_text(text)
    for position, character in enumerate(folded.text):
        start, end = folded.unfold_span(position, position + 1)
        assert end == start + 1
        assert character in fold_character(text[start])


@given(TEXTS)
def test_compatible_forms_fold_alike(text):
    composed = unicodedata.normalize("NFC", text)
    if len(composed) == len(text):
        assert fold_text(composed).text == fold_text(text).text


def test_tables_that_are_made_at_once_are_those_made_character_by_character():
    """Surrogates and Hangul syllables too, which are left out of the slow part."""
    simplified = _read_variants()
    one_by_one = {c: _fold_one(c, simplified) for c in map(chr, range(0x10000))}
    assert _build_tables().forms == {c: form for c, form in one_by_one.items() if form != c}
