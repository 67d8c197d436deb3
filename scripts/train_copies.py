"""Learn the weights that decide whether two texts are copies: `syndication/weights.json`.

    uv run scripts/train_copies.py [--dry-run | --with-fresh]

Learns from the labelled pairs (`tests/data/syndication_pairs.tsv`) of the part `trained`; the part
`fresh` is read for figures only (`--with-fresh`). The printed figures are cross-validated: each
pair is decided by weights that were learnt without the pairs of its outlet and event.
"""

import argparse
import json
import sys
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import LeaveOneGroupOut, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from silkwire.syndication.features import describe_leads, describe_titles
from silkwire.syndication.score import MIN_CHANCE
from silkwire.syndication.verify import find_veto, name_kind, rule_out

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benchmarks"))
from labelled_pairs import LabelledPair, read_pairs, score_pairs  # noqa: E402

TARGET = ROOT / "plugins" / "silkwire" / "syndication" / "weights.json"
FEATURES = {
    "leads of two outlets": ("lead_in_order", "lead_run", "opening", "title_words"),
    "leads of one outlet": (
        "text_contained", "lead_in_order", "lead_length", "lead_on_titles", "title_words", "live",
        "repeated", "days",
    ),
    "titles": (
        "order", "letters", "swaps", "same", "same_length", "han", "column", "days", "own",
        "relayed",
    ),
}  # fmt: skip
"""The evidence that each score adds up, chosen by the log-loss of pairs left out."""
STRENGTH = 1.0
"""Inverse of the regularisation (scikit-learn's C)."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--dry-run", action="store_true", help="Print the figures, write nothing.")
    parser.add_argument(
        "--with-fresh",
        action="store_true",
        help="Print the figures of all pairs, with the fresh ones; write nothing.",
    )
    options = parser.parse_args()
    pairs = [pair for pair in read_pairs() if options.with_fresh or pair.part == "trained"]
    chosen = [pair for pair in pairs if not find_veto(pair.left, pair.right)]
    weights, chances = {}, {}
    for kind, names in FEATURES.items():
        mine = [pair for pair in chosen if name_kind(pair.left, pair.right) == kind]
        matrix = np.array([describe_pair(pair, names) for pair in mine])
        labels = np.array([pair.is_copy for pair in mine])
        chances.update(zip(mine, estimate_left_out(matrix, labels, group_pairs(mine)), strict=True))
        weights[kind] = fit_weights(matrix, labels, names)
        print_figures(kind, mine, chances)
    for name, is_within in (("within an outlet", True), ("between outlets", False)):
        print_figures(name, [pair for pair in pairs if pair.is_within_outlet is is_within], chances)
    print_figures("all", pairs, chances)
    if not (options.dry_run or options.with_fresh):
        TARGET.write_text(json.dumps(weights, indent=1) + "\n", "utf-8")


def describe_pair(pair: LabelledPair, names: Sequence[str]) -> list[float]:
    if name_kind(pair.left, pair.right) == "titles":
        features = describe_titles(pair.left, pair.right)
    else:
        features = describe_leads(pair.left, pair.right, pair.siblings)
    return [features[name] for name in names]


def estimate_left_out(matrix: np.ndarray, labels: np.ndarray, groups: list[int]) -> np.ndarray:
    """The chance of each pair, by a model that was fitted without the pairs of its group."""
    return cross_val_predict(
        make_model(), matrix, labels, groups=groups, cv=LeaveOneGroupOut(), method="predict_proba"
    )[:, 1]


def make_model():
    return make_pipeline(StandardScaler(), LogisticRegression(C=STRENGTH))


def group_pairs(pairs: list[LabelledPair]) -> list[int]:
    """A group number per pair.

    Pairs are in one group if they share a text, directly or through other pairs, or if both texts
    of each are documents' entries of the same outlet.
    """
    roots: dict[object, object] = {}

    def find(item: object) -> object:
        while roots.setdefault(item, item) != item:
            item = roots[item]
        return item

    for pair in pairs:
        roots[find(pair.left)] = find(pair.right)
        if pair.left.outlet == pair.right.outlet and not pair.is_lone_item:
            roots[find(pair.left)] = find(pair.left.outlet)
    names = [find(pair.left) for pair in pairs]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return [numbers[name] for name in names]


def fit_weights(matrix: np.ndarray, labels: np.ndarray, names: Sequence[str]) -> dict[str, float]:
    """The weights of the features, unscaled."""
    scaler, model = (step for _, step in make_model().fit(matrix, labels).steps)
    slopes = model.coef_[0] / scaler.scale_
    bias = model.intercept_[0] - slopes @ scaler.mean_
    found = zip(("bias", *names), (bias, *slopes), strict=True)
    return {name: round(float(weight), 3) for name, weight in found}


def print_figures(
    name: str, pairs: Collection[LabelledPair], chances: Mapping[LabelledPair, float]
) -> None:
    """Print how many links are right, with Wilson's interval, and how many copies are found.

    A pair without a chance counts as no copy.
    """

    def predict(pair: LabelledPair) -> bool:
        is_likely = chances.get(pair, 0.0) >= MIN_CHANCE
        return is_likely and rule_out(pair.left, pair.right) is None

    score = score_pairs(pairs, predict)
    copies = score.true_positive + score.false_negative
    low, high = score.precision_interval
    print(
        f"{name}: {len(pairs)} pairs, {copies} copies, {score.true_positive} links right,"
        f" {score.false_positive} wrong: P {score.precision:.3f} ({low:.3f} to {high:.3f})"
        f" R {score.recall:.3f}"
    )


if __name__ == "__main__":
    main()
