"""How many items a second the topic rules decide on one core: a table and, with --json, a file.

    uv run benchmarks/bench_match.py [--items FILE.tsv[.gz]] [--json FILE]

The natural mix is drawn from the unlabelled pool beside the checkout, stratum by stratum in the
shares that `dev.tsv` gives; without it, made-up items of the same length stand in and the table
says so.
"""

import argparse
import csv
import gzip
import json
import random
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from silkwire.topics import load_ruleset, match_topics
from silkwire.topics.scan import scan_text

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "topics"
ITEM_COUNT = 20_000
ROUNDS = 3

Item = tuple[str, str, str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--json", type=Path, help="Write the figures here as JSON.")
    options = parser.parse_args()
    ruleset = load_ruleset(ROOT / "config")
    lexicon = ruleset.lexicon
    mixes = {"natural mix": draw_natural_mix(), "hard strata only": draw_hard_mix()}
    source = "pool.tsv.gz" if mixes["natural mix"] else "made-up items"
    if not mixes["natural mix"]:
        mixes = {"made-up mix": make_items()}
    figures = {}
    for name, items in mixes.items():
        lexical = measure(lambda i: scan_text(*i, lexicon), items)
        decided = measure(lambda i: match_topics(*i, ruleset), items)
        figures[name] = {
            "items": len(items),
            "lexical_per_s": round(lexical),
            "decisions_per_s": round(decided),
        }
    print_table(figures, source)
    if options.json:
        options.json.write_text(json.dumps({"source": source, **figures}, indent=1) + "\n")


def measure(work: Callable[[Item], object], items: list[Item]) -> float:
    """Items per second of processor time, the best of some rounds."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time()
        for item in items:
            work(item)
        best = min(best, time.process_time() - start)
    return len(items) / best


def draw_natural_mix() -> list[Item]:
    if not (SHARED / "pool.tsv.gz").exists():
        return []
    shares: dict[tuple[str, str], float] = defaultdict(float)
    with (SHARED / "dev.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            shares[row["lang"], row["stratum"]] += float(row["weight"])
    strata: dict[tuple[str, str], list[Item]] = defaultdict(list)
    for key, item in read_pool():
        strata[key].append(item)
    total = sum(shares.values())
    chance = random.Random(20261123)
    mix = []
    for key, share in shares.items():
        mix += chance.choices(strata[key], k=round(ITEM_COUNT * share / total))
    chance.shuffle(mix)
    return mix


def draw_hard_mix() -> list[Item]:
    if not (SHARED / "pool.tsv.gz").exists():
        return []
    hard = [item for (_, stratum), item in read_pool() if stratum not in ("background", "cn_only")]
    return random.Random(20261123).sample(hard, 10_000)


def read_pool() -> list[tuple[tuple[str, str], Item]]:
    with gzip.open(SHARED / "pool.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        return [
            ((row["lang"], row["stratum"]), (row["title"], row["summary"] or "", row["lang"]))
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def make_items() -> list[Item]:
    chance = random.Random(20261123)
    words = ["council", "plans", "school", "river", "storm", "visit", "China", "AI", "prices"]
    return [
        (" ".join(chance.choices(words, k=9)), " ".join(chance.choices(words, k=20)), "en")
        for _ in range(ITEM_COUNT)
    ]


def print_table(figures: dict[str, dict[str, int]], source: str) -> None:
    table = Table(title=f"topic rules, one core ({source})", title_justify="left")
    for heading in ("mix", "items", "lexical pass /s", "whole decision /s"):
        table.add_column(heading, justify="left" if heading == "mix" else "right")
    for name, row in figures.items():
        counts = (row["items"], row["lexical_per_s"], row["decisions_per_s"])
        table.add_row(name, *(f"{count:,}" for count in counts))
    Console().print(table)


if __name__ == "__main__":
    main()
