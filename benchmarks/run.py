"""All benchmarks: a table here and in README.md, every figure in benchmarks/results.json.

    python benchmarks/run.py [--quick] [--only NAME ...] [--rounds N] [--write | --json FILE]

Every figure stands beside a peer or a limit that was measured in the same run, in turn with it:
medians of several rounds, with the least and the greatest ratio. A full run writes README.md and
results.json; a quick or partial one only if --write says so, and then leaves the other benchmarks'
figures there as they are.
"""

import argparse
import importlib
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

from figures import HEADINGS, Figure, Measured, Size, list_cells, read_figure, write_markdown
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
    parser.add_argument("--write", action="store_true", help="into README.md and results.json")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    size = Size(options.rounds or (2 if options.quick else 5), options.quick)
    run = {"machine": describe_machine(), "rounds": size.rounds, "is_quick": size.is_quick}
    is_kept = options.write or (not size.is_quick and tuple(options.only) == NAMES)
    report: dict[str, Any] = {}
    figures: list[Figure] = []
    for name in options.only:
        measured = _measure(name, size)
        figures += measured.figures
        described = [figure.describe() for figure in measured.figures]
        report[name] = {**run, "figures": described, "details": measured.details}
        if is_kept:  # at once: all of them take long
            keep_report(report)
    show(figures)
    if options.json:
        write_report(options.json, report)
    return 0


def keep_report(report: dict[str, Any]) -> None:
    """Put these benchmarks into results.json, and all that is there into README.md."""
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    merged = known | report
    write_report(RESULTS, {name: merged[name] for name in NAMES if name in merged})
    document = replace_section(README.read_text("utf-8"), write_section(merged))
    README.write_text(document, "utf-8")


def write_report(file: Path, report: dict[str, Any]) -> None:
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_section(report: dict[str, Any]) -> str:
    """What README says: the table, and where and how it was measured."""
    names = [name for name in NAMES if name in report]
    figures = [read_figure(entry) for name in names for entry in report[name]["figures"]]
    machines = {describe_in_words(report[name]["machine"]): None for name in names}
    quick = [name for name in names if report[name]["is_quick"]]
    notes = [f"Measured {machine}." for machine in machines]
    if quick:
        notes.append(f"Smaller runs with fewer rounds: {', '.join(quick)}.")
    return "\n".join([write_markdown(figures), "", *notes])


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
