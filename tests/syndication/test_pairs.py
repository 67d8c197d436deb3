"""Labelled pairs of real texts are classified as well as docs/design/copies-quality.md says."""

import csv

import pytest
from labelled_pairs import (
    LABELS,
    LINKS,
    SHARED,
    LabelledPair,
    is_linked,
    measure_interval,
    read_pairs,
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
@pytest.mark.parametrize("part", ["trained", "fresh"])
@pytest.mark.parametrize(
    ("is_within_outlet", "least_precision", "least_recall"),
    [(True, 0.99, 0.5), (False, 0.97, 0.7)],
    ids=["within an outlet", "between outlets"],
)
def test_a_link_is_right_and_half_of_the_copies_are_found(
    pairs: list[LabelledPair],
    part: str,
    *,
    is_within_outlet: bool,
    least_precision: float,
    least_recall: float,
) -> None:
    found = score_pairs(
        pair for pair in pairs if pair.part == part and pair.is_within_outlet is is_within_outlet
    )
    assert found.precision >= least_precision
    assert found.recall >= least_recall


@needs_texts
@pytest.mark.parametrize(
    ("is_within_outlet", "links", "wrong"),
    [(True, 79, 1), (False, 69, 5)],
    ids=["within an outlet", "between outlets"],
)
def test_links_in_texts_from_which_nothing_was_learnt(
    is_within_outlet: bool, links: int, wrong: int
) -> None:
    found = score_pairs(
        pair for pair in read_pairs(LINKS) if pair.is_within_outlet is is_within_outlet
    )
    assert found.true_positive + found.false_positive >= links - 5
    assert found.false_positive <= wrong


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"), [(79, 79, 0.954, 1.0), (78, 79, 0.932, 0.998)]
)
def test_an_interval_of_a_share(hits: int, trials: int, low: float, high: float) -> None:
    assert measure_interval(hits, trials) == pytest.approx((low, high), abs=0.0005)


@needs_texts
def test_few_copies_are_lost_because_no_band_is_shared(pairs: list[LabelledPair]) -> None:
    compared, sketched = score_pairs(pairs), score_pairs(pairs, is_linked)
    assert compared.true_positive - sketched.true_positive <= 7
