"""Score a pair of texts: its features times the weights from `scripts/train_copies.py`. Pure."""

import json
from collections.abc import Mapping
from functools import cache
from math import log
from pathlib import Path

MIN_CHANCE = 0.85
"""From this probability on, a pair counts as one text: few links are wrong, some are missed."""
LIMIT = log(MIN_CHANCE / (1 - MIN_CHANCE))


@cache
def read_weights() -> dict[str, dict[str, float]]:
    """The weights (log-odds) of each kind of pair by feature, and its bias."""
    content: dict[str, dict[str, float]] = json.loads(
        Path(__file__).with_name("weights.json").read_text("utf-8")
    )
    return content


def score_pair(kind: str, features: Mapping[str, float]) -> float:
    """The log-odds that a pair of this kind is one text."""
    weights = read_weights()[kind]
    return weights["bias"] + sum(
        weight * features[name] for name, weight in weights.items() if name != "bias"
    )
