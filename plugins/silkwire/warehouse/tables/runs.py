"""The last results in `ops.expectation_result`, run by run."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, text

from silkwire.model import ExpectationResult

_RUNS = text("""
SELECT recent.run_at AS ended_at, result.*
FROM (
    SELECT run.*, row_number() OVER (PARTITION BY run.suite ORDER BY run.run_at DESC) AS age
    FROM (
        SELECT kept.batch_id, kept.suite, max(kept.run_at) AS run_at
        FROM ops.expectation_result AS kept
        WHERE kept.run_at >= :since
        GROUP BY kept.batch_id, kept.suite
    ) AS run
) AS recent
INNER JOIN ops.expectation_result AS result
    ON recent.batch_id = result.batch_id AND recent.suite = result.suite
WHERE recent.age <= :limit AND result.run_at >= :since
ORDER BY recent.run_at DESC, result.batch_id, result.suite, result.expectation_number
""")
RUN_DAYS = 30
"""Runs that are older than this are not read."""
Run = tuple[str, str, datetime, tuple[ExpectationResult, ...]]


def read_runs(conn: Connection, *, limit: int, now: datetime) -> tuple[Run, ...]:
    """The last `limit` runs of each suite, newest first: run id, suite, instant and results."""
    rows = conn.execute(_RUNS, {"limit": limit, "since": now - timedelta(days=RUN_DAYS)})
    return tuple(
        (run_id, suite, run_at, tuple(_result(row) for row in results))
        for (run_at, run_id, suite), results in groupby(
            rows, key=attrgetter("ended_at", "batch_id", "suite")
        )
    )


def _result(row: Row[Any]) -> ExpectationResult:
    return ExpectationResult(
        row.suite,
        row.expectation,
        row.column_name,
        row.is_success,
        row.element_count,
        row.unexpected_count,
    )
