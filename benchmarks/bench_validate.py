"""Validate batches with Great Expectations: seconds and memory beyond its import.

Each case has a process of its own. Seconds are what a batch waits: this process prepares the next
rows while the worker process, which has imported Great Expectations, validates. The processor time
of both is in the details. Memory is the sum of both peaks, without the import and the rows.
"""

import gc
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
from figures import Figure, Measured, Size

from silkwire.model import (
    EntryBatchRow,
    Evidence,
    IdentifiedEntry,
    Identity,
    MatchedEntry,
    ParsedEntry,
    TopicDecision,
)
from silkwire.validate import prepare_validator, validate_entries

NOW = datetime(2026, 11, 23, tzinfo=UTC)
SUMMARY = "A summary of some length, as feeds carry it. " * 8
BODY = "The full text, 正文 included, of which a third of feeds carry two pages. " * 60
Row = tuple[EntryBatchRow, MatchedEntry]


@dataclass(frozen=True)
class Case:
    name: str
    rows: int
    every: int
    """One row in `every` fails six expectations; with 0 none does."""
    max_seconds: float
    max_mb: int


@dataclass(frozen=True)
class CaseFigure:
    case: str
    rows: int
    failed: int
    reasons: int
    import_seconds: float
    first_seconds: float
    """One good row, right after the import."""
    again_seconds: float
    """One more good row: the fixed cost of a batch."""
    seconds: float
    processor_seconds: float
    peak_mb: int


CASES = (
    Case("8,000 rows, none failing", 8_000, 0, 1.0, 800),
    Case("100,000 rows, 1% failing six", 100_000, 100, 6.0, 800),
    Case("100,000 rows, all failing six", 100_000, 1, 12.0, 1_000),
)


def measure(size: Size) -> Measured:
    spawn = multiprocessing.get_context("spawn")
    figures = []
    details = []
    for case in CASES[: size.pick(3, 1)]:
        found = []
        for _ in range(min(size.rounds, 3)):
            with ProcessPoolExecutor(1, mp_context=spawn) as pool:
                found.append(pool.submit(measure_case, case).result())
        details += [asdict(one) for one in found]
        figures += list_figures(case, found)
    return Measured(figures, {"cases": details})


def list_figures(case: Case, found: list["CaseFigure"]) -> list[Figure]:
    what = f"validate, {case.name}"
    rates = [case.rows / one.seconds for one in found]
    peaks = [one.peak_mb for one in found]
    return [
        Figure(what, "rows/s", rates, "limit", [case.rows / case.max_seconds], target=1.0),
        Figure(what, "MB", peaks, "limit", [case.max_mb], is_cost=True, target=1.0),
    ]


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
    """Change `pair` so that it fails six expectations."""
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


def measure_case(case: Case) -> CaseFigure:
    prepare_validator()
    (validator,) = psutil.Process().children()
    imported = read_seconds(validator)
    start = time.process_time() + imported
    validate_entries([make_row(0)])
    first = time.process_time() + read_seconds(validator)
    validate_entries([make_row(0)])
    again = time.process_time() + read_seconds(validator)
    rows = list(make_rows(case))
    gc.collect()
    gc.freeze()
    before = [read_mb(pid, "VmRSS") for pid in (os.getpid(), validator.pid)]
    ready, started = time.process_time() + read_seconds(validator), time.perf_counter()
    validation = validate_entries(rows)
    seconds = time.perf_counter() - started
    processor_seconds = time.process_time() + read_seconds(validator) - ready
    peaks = [read_mb(pid, "VmHWM") for pid in (os.getpid(), validator.pid)]
    return CaseFigure(
        case=case.name,
        rows=case.rows,
        failed=len(validation.failed),
        reasons=sum(len(entry.reasons) for entry in validation.failed),
        import_seconds=round(imported, 2),
        first_seconds=round(first - start, 2),
        again_seconds=round(again - first, 2),
        seconds=round(seconds, 2),
        processor_seconds=round(processor_seconds, 2),
        peak_mb=sum(peaks) - sum(before),
    )


def read_seconds(process: psutil.Process) -> float:
    """Processor seconds so far, with a resolution of 10 ms."""
    spent = process.cpu_times()
    return float(spent.user + spent.system)


def read_mb(pid: int, field: str) -> int:
    """A field of /proc/PID/status: `VmRSS` is memory now, `VmHWM` its peak."""
    status = Path(f"/proc/{pid}/status").read_text("ascii", "replace")
    return int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1]) // 1024
