"""All benchmarks: a table here and in README.md, every figure in benchmarks/results.json.

    python benchmarks/run.py [--quick] [--only NAME ...] [--write]

Every figure stands beside a peer or a limit that was measured in the same run, in turn with it:
medians of several rounds, with the least and the greatest ratio. A full run writes README.md and
results.json; a quick or partial one only shows the table (with --json FILE: writes that file).
"""

import argparse
import importlib
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from figures import HEADINGS, Figure, Measured, Size, list_cells, write_markdown
from machine import ROOT, describe_in_words, describe_machine
from rich.console import Console
from rich.table import Table

NAMES = (
    "startup", "cycle", "parse", "match", "validate", "load", "growth",
    "syndication", "newsroom", "schedule", "footprint",
)  # fmt: skip
RESULTS = ROOT / "benchmarks" / "results.json"
README = ROOT / "README.md"
START, END = "<!-- benchmarks: written by make bench -->", "<!-- end of benchmarks -->"


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="smaller and fewer rounds")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="NAME", default=NAMES,
                        help=", ".join(NAMES))  # fmt: skip
    parser.add_argument("--rounds", type=int, help="of each comparison (5; quick: 2)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    size = Size(options.rounds or (2 if options.quick else 5), options.quick)
    report: dict[str, Any] = {"machine": describe_machine(), "is_quick": size.is_quick}
    measured = {name: _measure(name, size) for name in options.only}
    report["rounds"] = size.rounds
    report["benchmarks"] = {
        name: {"figures": [f.describe() for f in found.figures], "details": found.details}
        for name, found in measured.items()
    }
    figures = [figure for found in measured.values() for figure in found.figures]
    show(figures)
    is_whole = not size.is_quick and tuple(options.only) == NAMES
    for file in filter(None, (options.json, RESULTS if is_whole else None)):
        file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")
    if is_whole:
        section = f"{write_markdown(figures)}\n\n{describe_in_words(report['machine'])}."
        README.write_text(replace_section(README.read_text("utf-8"), section), "utf-8")
    return 0


def _measure(name: str, size: Size) -> Measured:
    started = time.monotonic()
    print(f"{name} …", end=" ", flush=True)
    measured: Measured = importlib.import_module(f"bench_{name}").measure(size)
    print(f"{time.monotonic() - started:.0f} s", flush=True)
    return measured


def show(figures: list[Figure]) -> None:
    table = Table(*HEADINGS)
    for figure in figures:
        table.add_row(*list_cells(figure), style=None if figure.is_met else "yellow")
    Console().print(table)


def replace_section(document: str, section: str) -> str:
    """`document` with what stands between the two markers replaced. ValueError without them."""
    before, start, rest = document.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end):
        raise ValueError(f"README.md needs the lines {START} and {END}")
    return f"{before}{start}\n\n{section}\n\n{end}{after}"


if __name__ == "__main__":
    raise SystemExit(main())
