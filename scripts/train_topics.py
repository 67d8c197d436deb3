"""Train the linear model that supplements a topic's rules: `config/topics/<topic>.model.json`.

    uv run scripts/train_topics.py china_travel --labels scripts/topic_labels.tsv

Learns from the labelled items (`--dev`) that are not held out
(`silkwire.topics.evaluate.is_held_out`), from `topic_examples.tsv`, and from the pool (`--pool`):
its items with a label in `--labels`, and the unlabelled ones in the strata `ASSUMED_OFF`. Prints
the figures of the rules alone, and cross-validated ones of rules and model.
"""

import argparse
import csv
import gzip
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.linear_model import LogisticRegression

from silkwire.topics import Ruleset, load_ruleset
from silkwire.topics.decide import is_candidate
from silkwire.topics.evaluate import is_held_out
from silkwire.topics.features import list_features
from silkwire.topics.frames import fire_rules
from silkwire.topics.ruleset import TopicRules
from silkwire.topics.scan import scan_text

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "topics"
FOLDS = 5
MIN_COUNT = 3
STRENGTH = 0.7
"""Inverse of the regularisation (scikit-learn's C), chosen on the folds."""
SUMMARY_STRENGTH = 0.5
"""The weight of a word in the summary, where a word in the headline has 1. With more, the model
overfits to words that long summaries mention in passing. Chosen on the folds."""
SURE_WEIGHT, UNSURE_WEIGHT, ASSUMED_WEIGHT = 0.7, 0.35, 0.25
ASSUMED_OFF = {
    "china_travel": ("cn_only", "background", "ai_core", "ai_weak", "ai_china"),
    "ai": ("cn_only", "background", "travel_only"),
}
"""Strata of the pool with hardly any item on the topic: their unlabelled items count as off topic,
with the weight `ASSUMED_WEIGHT`."""
MAX_WEIGHTS = 9_000
MIN_WEIGHT = 0.02


class Example(NamedTuple):
    """One labelled text: the sum of its rules, its features, and its weight in training."""

    key: str
    label: int
    weight: float
    stated: float
    floor: float
    """The lowest score that the model may give: the sum of the rules if a certain rule fired."""
    features: frozenset[str]
    is_candidate: bool
    is_dev: bool
    is_sure: bool


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("topic")
    parser.add_argument("--config", type=Path, default=ROOT / "config")
    parser.add_argument("--dev", type=Path, default=SHARED / "dev.tsv")
    parser.add_argument("--pool", type=Path, default=SHARED / "pool.tsv.gz")
    parser.add_argument("--labels", type=Path, default=ROOT / "scripts" / "topic_labels.tsv")
    parser.add_argument("--dry-run", action="store_true", help="Print the figures, write nothing.")
    options = parser.parse_args()
    ruleset = load_ruleset(options.config)
    examples = read_examples(options, ruleset)
    rules = next(topic for topic in ruleset.topics if topic.topic == options.topic)
    print_figures(examples, rules.threshold)
    if not options.dry_run:
        target = options.config / "topics" / f"{options.topic}.model.json"
        target.write_text(build_model([e for e in examples if e.is_candidate]), "utf-8")
        print(f"{target}: {target.stat().st_size} bytes")


def read_examples(options: argparse.Namespace, ruleset: Ruleset) -> list[Example]:
    rules = next(topic for topic in ruleset.topics if topic.topic == options.topic)
    examples = []
    with options.dev.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not is_held_out(row["id"]):
                is_sure = row["sure"] == "1"
                weight = 1.0 if is_sure else 0.4
                label = int(row[options.topic])
                example = describe_example(
                    row["id"],
                    row,
                    label,
                    weight=weight,
                    rules=rules,
                    ruleset=ruleset,
                    is_sure=is_sure,
                )
                examples.append(example)
    with (ROOT / "scripts" / "topic_examples.tsv").open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t")):
            example = describe_example(
                f"own-{number}",
                row,
                int(row[options.topic]),
                weight=1.0,
                rules=rules,
                ruleset=ruleset,
            )
            examples.append(example)
    labels = read_pool_labels(options.labels, options.topic)
    with gzip.open(options.pool, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            key = hash_text(row)
            is_assumed = row["stratum"] in ASSUMED_OFF.get(options.topic, ()) and key not in labels
            if key in labels or is_assumed:
                label, weight = labels.get(key, (0, ASSUMED_WEIGHT))
                example = describe_example(
                    key, row, label, weight=weight, rules=rules, ruleset=ruleset
                )
                if example.is_candidate or not is_assumed:
                    examples.append(example)
    return examples


def describe_example(
    key: str,
    row: dict[str, str],
    label: int,
    *,
    weight: float,
    rules: TopicRules,
    ruleset: Ruleset,
    is_sure: bool | None = None,
) -> Example:
    text = scan_text(row["title"], row["summary"], ruleset.lexicon)
    is_dev = is_sure is not None
    if not is_candidate(text.present & rules.groups_mask, rules):
        return Example(key, label, weight, -9.0, -9.0, frozenset(), False, is_dev, bool(is_sure))
    firings = fire_rules(text, rules)
    stated = rules.bias + sum(firing.weight for firing in firings)
    features = frozenset(list_features(text, rules, firings))
    is_certain = any(firing.is_certain for firing in firings)
    floor = stated if is_certain else -9.0
    return Example(key, label, weight, stated, floor, features, True, is_dev, bool(is_sure))


def read_pool_labels(file: Path, topic: str) -> dict[str, tuple[int, float]]:
    """Label and weight of pool items by the hash of their text; the texts are not ours to copy."""
    if not file.exists():
        return {}
    rows = (line.split("\t") for line in file.read_text("utf-8").splitlines()[1:])
    return {
        key: (int(label), SURE_WEIGHT if sure == "1" else UNSURE_WEIGHT)
        for key, name, label, sure in rows
        if name == topic
    }


def hash_text(row: dict[str, str]) -> str:
    text = row["title"] + "\x1f" + (row["summary"] or "")
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def print_figures(examples: list[Example], threshold: float) -> None:
    """Print precision and recall of the rules alone, and cross-validated ones with the model."""
    modelled: list[tuple[Example, bool]] = []
    for fold in range(FOLDS):
        train = [e for e in examples if e.is_candidate and pick_fold(e) != fold]
        vocabulary, model = fit(train)
        test = [e for e in examples if pick_fold(e) == fold]
        scores = model.predict_proba(build_matrix(test, vocabulary))[:, 1]
        modelled += [
            (e, e.is_candidate and (score >= threshold or e.floor >= 0))
            for e, score in zip(test, scores, strict=True)
        ]
    ruled = [(e, e.is_candidate and e.stated >= 0) for e in examples]
    for name, decided in (("rules alone", ruled), ("rules and model", modelled)):
        sure = [d for d in decided if d[0].is_dev and d[0].is_sure]
        pool = [d for d in decided if not d[0].is_dev and d[0].weight > ASSUMED_WEIGHT]
        print(f"{name}: sure {describe(sure)}; pool {describe(pool)}")


def pick_fold(example: Example) -> int:
    return int(hashlib.sha256(example.key.encode()).hexdigest(), 16) // 10 % FOLDS


def describe(decided: list[tuple[Example, bool]]) -> str:
    hits = sum(1 for e, is_match in decided if e.label and is_match)
    alarms = sum(1 for e, is_match in decided if is_match and not e.label)
    misses = sum(1 for e, is_match in decided if e.label and not is_match)
    precision, recall = hits / max(1, hits + alarms), hits / max(1, hits + misses)
    return f"P {precision:.3f} R {recall:.3f} ({hits} hits, {alarms} wrong, {misses} missed)"


def fit(examples: list[Example]) -> tuple[dict[str, int], LogisticRegression]:
    counts = Counter(feature for example in examples for feature in example.features)
    names = sorted(feature for feature, count in counts.items() if count >= MIN_COUNT)
    vocabulary = {name: number for number, name in enumerate(names, start=1)}
    model = LogisticRegression(C=STRENGTH, max_iter=2000)
    labels = np.array([example.label for example in examples])
    weights = np.array([example.weight for example in examples])
    model.fit(build_matrix(examples, vocabulary), labels, sample_weight=weights)
    return vocabulary, model


def build_matrix(examples: list[Example], vocabulary: dict[str, int]) -> csr_matrix:
    """Column 0 is the sum of the rules (log-odds), the others are features: 0 or `strength`."""
    starts, columns, values = [0], [], []
    for example in examples:
        known = sorted((vocabulary[n], strength(n)) for n in example.features if n in vocabulary)
        columns += [0, *(column for column, _ in known)]
        values += [example.stated, *(value for _, value in known)]
        starts.append(len(columns))
    return csr_matrix((values, columns, starts), shape=(len(examples), len(vocabulary) + 1))


def strength(feature: str) -> float:
    return SUMMARY_STRENGTH if feature.startswith("s:") else 1.0


def build_model(examples: list[Example]) -> str:
    """The model as JSON: the strongest weights, rounded, one per line for readable diffs."""
    vocabulary, model = fit(examples)
    coefficients = model.coef_[0]
    weights = {
        name: round(float(coefficients[column]) * strength(name), 3)
        for name, column in vocabulary.items()
    }
    strong = sorted(weights, key=lambda name: -abs(weights[name]))[:MAX_WEIGHTS]
    kept = {name: weights[name] for name in sorted(strong) if abs(weights[name]) >= MIN_WEIGHT}
    content = {
        "trained_on": f"{len(examples)} labelled texts, none of them held out",
        "bias": round(float(model.intercept_[0]), 4),
        "rules_weight": round(float(coefficients[0]), 4),
        "weights": kept,
    }
    return json.dumps(content, ensure_ascii=False, indent=0) + "\n"


if __name__ == "__main__":
    main()
