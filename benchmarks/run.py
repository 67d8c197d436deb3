"""Run the benchmarks and write their figures.

    python benchmarks/run.py [--quick] [--only NAME ...] [--rounds N] [--write | --json FILE]

Every figure stands beside a peer or a limit that was measured in turn with it in the same run: the
median of several rounds, with the least and the greatest ratio. A full run writes every figure to
benchmarks/results.json, all rows to docs/performance.md and the rows of `figures.HIGHLIGHTS` to
README.md. A quick or partial run writes them only with --write, and then keeps the figures of the
other benchmarks.
"""

import argparse
import importlib
import json
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from figures import (
    HEADINGS,
    HIGHLIGHTS,
    Figure,
    Measured,
    Size,
    list_cells,
    read_figure,
    write_markdown,
)
from machine import ROOT, describe_in_words, describe_machine, describe_shortly
from rich.console import Console
from rich.table import Table

NAMES = (
    "startup", "cycle", "parse", "match", "validate", "load", "growth",
    "syndication", "newsroom", "schedule", "footprint",
)  # fmt: skip
RESULTS = ROOT / "benchmarks" / "results.json"
README = ROOT / "README.md"
PERFORMANCE = ROOT / "docs" / "performance.md"
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
    parser.add_argument(
        "--write", action="store_true", help="to README.md, docs/performance.md and results.json"
    )
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
    """Add these benchmarks to results.json and write both documents from all of it."""
    known = json.loads(RESULTS.read_text("utf-8")) if RESULTS.exists() else {}
    merged = {name: (known | report)[name] for name in NAMES if name in known | report}
    write_report(RESULTS, merged)
    for file, section in ((README, write_highlights(merged)), (PERFORMANCE, write_all(merged))):
        file.write_text(replace_section(file.read_text("utf-8"), section), "utf-8")


def write_report(file: Path, report: dict[str, Any]) -> None:
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", "utf-8")


def write_highlights(report: dict[str, Any]) -> str:
    """The section of README.md: the highlighted rows, and one line of date and machine."""
    shown = {
        name: found
        for name, entry in report.items()
        if (found := [f for f in map(read_figure, entry["figures"]) if f.key in HIGHLIGHTS])
    }
    machines = {name: report[name]["machine"] for name in shown}
    figures = [figure for found in shown.values() for figure in found]
    line = f"Measured {describe_shortly(machines)}.{_name_quick(report, shown)}"
    return "\n".join([write_markdown(figures), "", line])


def write_all(report: dict[str, Any]) -> str:
    """The section of docs/performance.md: every row, and where and how each was measured."""
    figures = [
        read_figure(described) for entry in report.values() for described in entry["figures"]
    ]
    lines = [f"- {name}: {describe_in_words(entry['machine'])}" for name, entry in report.items()]
    quick = _name_quick(report, report)
    return "\n".join([write_markdown(figures), "", f"Measured:{quick}", "", *lines])


def _name_quick(report: dict[str, Any], names: Iterable[str]) -> str:
    quick = [name for name in names if report[name]["is_quick"]]
    return f" Smaller runs with fewer rounds: {', '.join(quick)}." if quick else ""


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
        raise ValueError(f"The document needs the lines {START} and {END}")
    return f"{before}{start}\n\n{section}\n\n{end}{after}"


if __name__ == "__main__":
    raise SystemExit(main())
