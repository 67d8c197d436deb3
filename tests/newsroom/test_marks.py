"""Texts cut into marked pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from silkwire.newsroom.marks import (
    Piece,
    Span,
    compare_texts,
    cut_pieces,
    find_direction,
    mark_spans,
)


def test_spans_are_marked_and_the_rest_is_kept() -> None:
    assert mark_spans("New AI rules", [Span(4, 6, "ai")]) == (
        Piece("New "),
        Piece("AI", "ai"),
        Piece(" rules"),
    )
    assert mark_spans(None, [Span(0, 1, "ai")]) == ()


def test_spans_that_overlap_are_one_with_both_labels() -> None:
    spans = [Span(0, 5, "ai"), Span(3, 9, "china_travel"), Span(4, 5, "ai")]
    assert mark_spans("AI travel", spans) == (Piece("AI travel", "ai china_travel"),)


@given(
    st.text(max_size=30),
    st.lists(st.builds(Span, st.integers(-3, 33), st.integers(-3, 33), st.sampled_from("ab"))),
)
def test_pieces_join_to_the_text_whatever_the_spans(text: str, spans: list[Span]) -> None:
    assert "".join(piece.text for piece in mark_spans(text, spans)) == text


def test_a_long_text_is_cut_where_the_matched_word_can_be_seen() -> None:
    text = "word " * 100 + "AI at last"
    pieces = cut_pieces(mark_spans(text, [Span(500, 502, "ai")]), 120)
    assert pieces == (Piece("…" + "word " * 16), Piece("AI", "ai"), Piece(" at last"))
    assert cut_pieces((Piece("abc def"),), 5) == (Piece("abc…"),)
    assert cut_pieces((Piece("科学家避免赴美旅行"),), 5) == (Piece("科学家避免…"),)
    assert cut_pieces((Piece("abc"),), 5) == (Piece("abc"),)


def test_an_edit_marks_what_went_and_what_came() -> None:
    assert compare_texts("China eases visa rules", "China tightens visa rules") == (
        (Piece("China "), Piece("eases", "removed"), Piece(" visa rules")),
        (Piece("China "), Piece("tightens", "added"), Piece(" visa rules")),
    )


def test_chinese_is_compared_by_character() -> None:
    assert compare_texts("中国放宽签证", "中国收紧签证") == (
        (Piece("中国"), Piece("放宽", "removed"), Piece("签证")),
        (Piece("中国"), Piece("收紧", "added"), Piece("签证")),
    )


def test_what_is_too_long_to_compare_is_one_change_between_what_stayed() -> None:
    before, after = "a " * 3000, "b " * 3000
    assert compare_texts(f"So: {before}End", f"So: {after}End") == (
        (Piece("So: "), Piece(before.rstrip(), "removed"), Piece(" End")),
        (Piece("So: "), Piece(after.rstrip(), "added"), Piece(" End")),
    )


@given(st.none() | st.text(max_size=40), st.none() | st.text(max_size=40))
def test_both_sides_of_an_edit_are_whole(before: str | None, after: str | None) -> None:
    left, right = compare_texts(before, after)
    assert "".join(piece.text for piece in left) == (before or "")
    assert "".join(piece.text for piece in right) == (after or "")


@pytest.mark.parametrize(
    ("text", "direction"),
    [("China", "ltr"), ("中国", "ltr"), ("«الصين»", "rtl"), ("2026 שלום", "rtl"), (None, "ltr")],
)
def test_the_first_letter_gives_the_direction(text: str | None, direction: str) -> None:
    assert find_direction(text) == direction
