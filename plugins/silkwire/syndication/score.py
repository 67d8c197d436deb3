"""Add up what two texts share, by weights that `scripts/train_copies.py` learned. Pure."""

import json
from collections.abc import Mapping
from functools import cache
from math import log
from pathlib import Path

MIN_CHANCE = 0.35
"""From which a pair counts as one text."""
LIMIT = log(MIN_CHANCE / (1 - MIN_CHANCE))


@cache
def read_weights() -> dict[str, dict[str, float]]:
    """The weights (log-odds) of each kind of pair, by the name of the evidence, and the bias."""
    content: dict[str, dict[str, float]] = json.loads(
        Path(__file__).with_name("weights.json").read_text("utf-8")
    )
    return content


def score_pair(kind: str, evidence: Mapping[str, float]) -> float:
    """The log-odds that a pair of this kind is one text."""
    weights = read_weights()[kind]
    return weights["bias"] + sum(
        weight * evidence[name] for name, weight in weights.items() if name != "bias"
    )
