"""The matcher finds what a plain search finds, no more and no less."""

import csv
import gzip
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpers.places import SHARED
from silkwire.resources import CONFIG_DIR
from silkwire.topics import load_ruleset
from silkwire.topics.folding import fold_text
from silkwire.topics.lexicon import Hit, Lexicon, Term, build_lexicon, fold_term

POOL = SHARED / "topics" / "pool.tsv.gz"


def find_plainly(lexicon: Lexicon, text: str) -> list[Hit]:
    """Every slice of the text looked up, one by one."""
    folded = fold_text(text)
    terms: dict[str, list[Term]] = {}
    for term in (term for group in lexicon.terms for term in group):
        terms.setdefault(fold_term(term.text), []).append(term)
    lengths = sorted({len(pattern) for pattern in terms})
    hits = []
    for start in range(len(folded.text)):
        for length in lengths:
            piece = folded.text[start : start + length]
            if len(piece) == length and piece in terms:
                groups = 0
                for term in terms[piece]:
                    if fits_plainly(term, folded, start, start + length, text):
                        groups |= term.group
                if groups:
                    hits.append(Hit(start, start + length, groups))
    return hits


def fits_plainly(term, folded, start, end, given_text) -> bool:
    before, after = folded.text[start - 1 : start] if start else "", folded.text[end : end + 1]
    if is_latin(folded.text[start]) and is_latin(before):
        return False
    if not term.is_prefix and is_latin(folded.text[end - 1]) and is_latin(after):
        return False
    first, last = folded.unfold_span(start, end)
    return not term.is_exact_case or given_text[first:last] == term.text


def is_latin(character: str) -> bool:
    return bool(character) and character.isalnum() and ord(character) < 0x2E80


LEXICON = build_lexicon(
    [
        Term("AI", 1, is_exact_case=True),
        Term("ai chip", 2),
        Term("touris", 4, is_prefix=True),
        Term("tourism", 8),
        Term("出境", 16),
        Term("出境游", 32),
        Term("A.I.", 64),
        Term("visa free", 128),
        Term("中国", 256),
    ]
)
PIECES = ["AI", "ai", "Ai", " ", "chip", "chips", "touris", "tourism", "m", "出境", "出镜", "游"]
PIECES += ["A.I.", ".", "visa", "-", "中國", "国", "x", "1", "é", "ﬁ", "\u200b", "ＡＩ", "\n"]


def find(text: str) -> list[Hit]:
    return LEXICON.find_hits(fold_text(text), text)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_matcher_equals_a_plain_search(text):
    if "ＡＩ" not in text and "\u200b" not in text:
        assert sorted(find(text)) == find_plainly(LEXICON, text)


def test_matcher_equals_a_plain_search_on_a_hundred_thousand_texts():
    chance = random.Random(1)
    terms = {fold_term(term.text): [] for group in LEXICON.terms for term in group}
    pieces = [piece for piece in PIECES if piece not in ("ＡＩ", "\u200b")]
    assert len(terms) == 9
    for _ in range(100_000):
        text = "".join(chance.choices(pieces, k=4))
        assert sorted(find(text)) == find_plainly(LEXICON, text), text


def test_shipped_rules_equal_a_plain_search_on_real_texts():
    if not POOL.exists():
        pytest.skip("../shared/topics is not here")
    lexicon = load_ruleset(CONFIG_DIR).lexicon
    terms = {}
    for term in (term for group in lexicon.terms for term in group):
        terms.setdefault(fold_term(term.text), []).append(term)
    with gzip.open(POOL, "rt", encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))[::40]
    for row in rows:
        text = f"{row['title']}\x1f{row['summary']}"
        found = {(h.start, h.end) for h in lexicon.find_hits(fold_text(text), text)}
        assert found == find_spans_plainly(terms, text), text


def find_spans_plainly(terms, text) -> set[tuple[int, int]]:
    folded = fold_text(text)
    spans = set()
    for pattern, same in terms.items():
        start = folded.text.find(pattern)
        while start >= 0:
            end = start + len(pattern)
            if any(fits_plainly(term, folded, start, end, text) for term in same):
                spans.add((start, end))
            start = folded.text.find(pattern, start + 1)
    return spans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("AI rules", ["AI"]),
        ("said Ai Weiwei", []),
        ("用AI写作", ["AI"]),
        ("ＡＩ规制", ["ＡＩ"]),
        ("A\u200bI", []),
        ("AI171", []),
        ("AI-chip", ["AI", "AI-chip"]),
        ("tourists", ["touris"]),
        ("明星出镜", []),
        ("恢復出境遊", ["出境", "出境遊"]),
        ("visa-free", ["visa-free"]),
    ],
)
def test_terms_are_found_by_script_and_case(text, found):
    folded = fold_text(text)
    spans = [folded.unfold_span(hit.start, hit.end) for hit in sorted(find(text))]
    assert [text[start:end] for start, end in spans] == found


def test_dated_term_counts_only_within_its_dates():
    lexicon = build_lexicon([Term("Bard", 1, until_date=date(2024, 12, 31))])
    folded = fold_text("Bard")
    assert lexicon.find_hits(folded, "Bard", date(2024, 5, 1)) == [Hit(0, 4, 1)]
    assert lexicon.find_hits(folded, "Bard", date(2025, 5, 1)) == []
    assert lexicon.find_hits(folded, "Bard") == [Hit(0, 4, 1)]
