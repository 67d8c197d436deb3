"""Decode and parse a folder of feed documents: silkwire beside plain feedparser, in one run.

    python benchmarks/bench_parse.py [FOLDER] [--rounds N] [--json FILE]

Processor time, every document by all three in turn, so that a busy machine slows all alike; the
best of the rounds counts. silkwire does more than feedparser here: plain texts, own dates,
canonical urls, languages and sanitised HTML.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import feedparser

from silkwire.model import ParseJob
from silkwire.parse import parse_document

CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "feeds"
Reader = Callable[[bytes], object]
READERS: dict[str, Reader] = {
    "silkwire": lambda body: parse_document(ParseJob(0, body)),
    "feedparser": feedparser.parse,
    "feedparser, not sanitising": lambda body: feedparser.parse(
        body, sanitize_html=False, resolve_relative_uris=False
    ),
}


def time_readers(bodies: list[bytes]) -> dict[str, float]:
    """Processor seconds that each reader needs for all `bodies`."""
    seconds = dict.fromkeys(READERS, 0.0)
    for body in bodies:
        for name, read in READERS.items():
            start = time.process_time()
            read(body)
            seconds[name] += time.process_time() - start
    return seconds


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("folder", nargs="?", type=Path, default=CORPUS)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--json", type=Path, help="also write the figures here")
    given = options.parse_args()
    if not given.folder.is_dir():
        options.error(f"{given.folder} is not here: name a folder of feed documents")
    warnings.simplefilter("ignore")
    bodies = [path.read_bytes() for path in sorted(given.folder.iterdir()) if path.is_file()]
    rounds = [time_readers(bodies) for _ in range(given.rounds)]
    best = {name: min(seconds[name] for seconds in rounds) for name in READERS}
    megabytes = sum(map(len, bodies)) / 1e6
    print(f"{len(bodies)} documents, {megabytes:.1f} MB, best of {given.rounds}")
    for name, seconds in best.items():
        ratio = seconds / best["silkwire"]
        print(f"{name:28} {seconds:6.2f} s  {megabytes / seconds:6.1f} MB/s  {ratio:5.2f}x")
    print(f"silkwire is {best['feedparser'] / best['silkwire']:.2f} times as fast as feedparser")
    if given.json:
        given.json.write_text(json.dumps({"documents": len(bodies), "seconds": best}, indent=2))


if __name__ == "__main__":
    main()
