"""Judge batches with Great Expectations: seconds and memory beyond its import, a process a case.

    python benchmarks/bench_validate.py [--json FILE]

Rows are made while they are judged; making them is timed alone and taken off. Processor seconds,
since other work on the machine must not count; memory is the peak beyond what the import holds.
Ends with 1 if a case is over its limit.
"""

import argparse
import gc
import json
import multiprocessing
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from silkwire.model import (
    EntryBatchRow,
    Evidence,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)
from silkwire.validate import validate_entries

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SUMMARY = "A summary of some length, as feeds carry it. " * 8
BODY = "The full text, 正文 included, of which a third of feeds carry two pages. " * 60
Row = tuple[EntryBatchRow, MatchedEntry]


@dataclass(frozen=True)
class Case:
    name: str
    rows: int
    every: int
    """Each so manieth row fails six expectations; 0: none does."""
    max_seconds: float | None
    max_mb: int


@dataclass(frozen=True)
class Figure:
    case: str
    rows: int
    failed: int
    reasons: int
    import_seconds: float
    first_seconds: float
    """One good row, just after the import."""
    again_seconds: float
    """One more good row: the fixed cost of a batch."""
    seconds: float
    peak_mb: int
    is_within: bool


CASES = (
    Case("8,000 rows, none failing", 8_000, 0, None, 800),
    Case("100,000 rows, 1% failing six", 100_000, 100, 6.0, 800),
    Case("100,000 rows, all failing six", 100_000, 1, None, 1_000),
)


def make_row(number: int) -> Row:
    url = f"https://news{number % 400}.example/2026/11/23/story-{number}"
    title = f"Story {number}: an AI laboratory opens an office in Chengdu"
    start = title.index("AI")
    entry = ParsedEntry(
        position=number % 30,
        guid=url,
        url=f"{url}?utm_source=rss",
        canonical_url=url,
        title=title,
        summary=SUMMARY + str(number),
        body=BODY if number % 3 == 0 else None,
        authors=("A. Writer",),
        published_at=NOW - timedelta(minutes=number % 9_000),
        published_raw="Mon, 23 Nov 2026 07:30:00 GMT",
        published_precision="second",
        language="en",
    )
    item = IdentifiedEntry(entry, Identity.URL, f"{number:064x}", (), f"{number:064x}")
    decisions = (
        TopicDecision("ai", True, 0.9, evidence=(Evidence("title", start, start + 2, "AI", "r"),)),
        TopicDecision("china_travel", False, 0.2),
    )
    row = EntryBatchRow(number, number % 400, NOW, item)
    return row, MatchedEntry(number, decisions)


def spoil(pair: Row) -> Row:
    """`pair`, failing six expectations."""
    row, matched = pair
    entry = replace(
        row.identified.entry,
        title=None,
        url=f"ftp://news.example/{row.entry_number}",
        published_at=datetime(1970, 1, 1, tzinfo=UTC),
        language="English",
    )
    decisions = tuple(replace(d, score=2.0, evidence=()) for d in matched.decisions)
    changed = replace(row, identified=replace(row.identified, entry=entry))
    return changed, replace(matched, decisions=decisions)


def make_rows(case: Case) -> Iterator[Row]:
    for number in range(case.rows):
        pair = make_row(number)
        yield spoil(pair) if case.every and number % case.every == 0 else pair


def measure(case: Case) -> Figure:
    start = time.process_time()
    import great_expectations  # noqa: F401  the import is what is timed

    imported = time.process_time()
    validate_entries([make_row(0)])
    first = time.process_time()
    validate_entries([make_row(0)])
    again = time.process_time()
    for _ in make_rows(case):
        pass
    made = time.process_time()
    gc.collect()
    before = read_mb()
    ready = time.process_time()
    validation = validate_entries(make_rows(case))
    seconds = time.process_time() - ready - (made - again)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 - before
    return Figure(
        case=case.name,
        rows=case.rows,
        failed=len(validation.failed),
        reasons=sum(len(entry.reasons) for entry in validation.failed),
        import_seconds=round(imported - start, 2),
        first_seconds=round(first - imported, 2),
        again_seconds=round(again - first, 2),
        seconds=round(seconds, 2),
        peak_mb=peak,
        is_within=peak <= case.max_mb and (case.max_seconds is None or seconds <= case.max_seconds),
    )


def read_mb() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    figures = []
    print(f"{'':32}{'import':>8}{'first':>8}{'again':>8}{'batch':>8}{'peak':>9}{'reasons':>10}")
    for case in CASES:
        with ProcessPoolExecutor(1, mp_context=spawn) as pool:
            figure = pool.submit(measure, case).result()
        figures.append(figure)
        print(
            f"{figure.case:32}{figure.import_seconds:7.2f}s{figure.first_seconds:7.2f}s"
            f"{figure.again_seconds:7.2f}s{figure.seconds:7.2f}s{figure.peak_mb:6} MB"
            f"{figure.reasons:10,}{'' if figure.is_within else '  over the limit'}"
        )
    if options.json:
        options.json.write_text(json.dumps([asdict(figure) for figure in figures], indent=2) + "\n")
    return 0 if all(figure.is_within for figure in figures) else 1


if __name__ == "__main__":
    raise SystemExit(main())
