"""Labelled pairs of real texts are classified as well as docs/design/copies-quality.md says."""

import csv

import pytest
from labelled_pairs import (
    LABELS,
    SHARED,
    LabelledPair,
    is_linked,
    read_pairs,
    score_even,
    score_pairs,
)

pytestmark = pytest.mark.slow
needs_texts = pytest.mark.skipif(not SHARED.exists(), reason="../shared is not here")


@pytest.fixture(scope="module")
def pairs() -> list[LabelledPair]:
    return read_pairs()


def test_labels_are_many_and_mostly_hard_and_no_pair_is_there_twice() -> None:
    with LABELS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    assert len(rows) >= 300
    assert sum(row["is_hard"] == "1" for row in rows) >= len(rows) / 2
    assert len({frozenset((row["left"], row["right"])) for row in rows}) == len(rows)


@needs_texts
@pytest.mark.parametrize(("part", "least"), [("trained", 0.925), ("fresh", 0.9)])
def test_copies_are_told_from_what_only_looks_alike(
    pairs: list[LabelledPair], part: str, least: float
) -> None:
    assert score_pairs(pair for pair in pairs if pair.part == part).f1 >= least


@needs_texts
@pytest.mark.parametrize(("part", "least"), [("trained", 0.965), ("fresh", 0.95)])
def test_copies_are_told_from_as_many_near_misses(
    pairs: list[LabelledPair], part: str, least: float
) -> None:
    assert score_even([pair for pair in pairs if pair.part == part]) >= least


@needs_texts
def test_few_copies_are_lost_because_no_band_is_shared(pairs: list[LabelledPair]) -> None:
    compared, sketched = score_pairs(pairs), score_pairs(pairs, is_linked)
    assert compared.true_positive - sketched.true_positive <= 7
