"""How many items per second the topic rules match on one core, beside simpler filters.

The regex is one alternation of all terms of the rules; the Boolean filter looks for each term in
the lower-cased text. Both find terms, but have no word boundaries, frames, vetoes, scores or spans.
The items are a sample of the unlabelled pool beside the checkout, with the shares of strata in
`dev.tsv`; without the pool, made-up items of the same length are used.
"""

import csv
import gzip
import random
import re
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from figures import Measured, Size, alternate, compare

from silkwire.topics import load_ruleset, match_topics
from silkwire.topics.scan import scan_text

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "topics"
ITEM_COUNT = 20_000

Item = tuple[str, str, str]


def measure(size: Size) -> Measured:
    ruleset = load_ruleset(ROOT / "config")
    terms = sorted({term.text.lower() for same in ruleset.lexicon.terms for term in same})
    pattern = re.compile("|".join(map(re.escape, terms)), re.IGNORECASE)
    count = size.pick(ITEM_COUNT, 3_000)
    mix = draw_natural_mix()[:count]
    items = mix or make_items(count)
    rates = alternate(
        {
            "silkwire": lambda: time_items(lambda i: match_topics(*i, ruleset), items),
            "its lexical pass alone": lambda: time_items(
                lambda i: scan_text(*i[:2], ruleset.lexicon), items
            ),
            "a regex alternation": lambda: time_items(
                lambda i: pattern.search(f"{i[0]} {i[1]}"), items[::10]
            ),
            "a plain Boolean filter": lambda: time_items(lambda i: has_term(i, terms), items),
        },
        size.rounds,
    )
    details = {"items": len(items), "terms": len(terms), "natural_mix": bool(mix)}
    return Measured(compare("match", "items/s", rates), details)


def time_items(work: Callable[[Item], object], items: list[Item]) -> float:
    """Items per second of processor time."""
    start = time.process_time()
    for item in items:
        work(item)
    return len(items) / (time.process_time() - start)


def has_term(item: Item, terms: list[str]) -> bool:
    text = f"{item[0]} {item[1]}".lower()
    return any(term in text for term in terms)


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


def read_pool() -> list[tuple[tuple[str, str], Item]]:
    with gzip.open(SHARED / "pool.tsv.gz", "rt", encoding="utf-8", newline="") as lines:
        return [
            ((row["lang"], row["stratum"]), (row["title"], row["summary"] or "", row["lang"]))
            for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]


def make_items(count: int) -> list[Item]:
    chance = random.Random(20261123)
    words = ["council", "plans", "school", "river", "storm", "visit", "China", "AI", "prices"]
    return [
        (" ".join(chance.choices(words, k=9)), " ".join(chance.choices(words, k=20)), "en")
        for _ in range(count)
    ]
