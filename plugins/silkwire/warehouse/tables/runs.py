"""The last results in `ops.expectation_result`, run by run."""

from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.model import ExpectationResult
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

RUN_DAYS = 30
"""Runs that are older than this are not read."""
Run = tuple[str, str, datetime, tuple[ExpectationResult, ...]]


def read_runs(conn: Connection, *, limit: int, now: datetime) -> tuple[Run, ...]:
    """The last `limit` runs of each suite, newest first: run id, suite, instant and results."""
    rows = conn.execute(_SQL["runs"], {"limit": limit, "since": now - timedelta(days=RUN_DAYS)})
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
