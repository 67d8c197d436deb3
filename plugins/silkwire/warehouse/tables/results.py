"""Rows of `ops.expectation_result`: the results of expectations."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from silkwire.model import ExpectationResult
from silkwire.warehouse.copying import Row, copy_rows
from silkwire.warehouse.schema.partitions import create_partitions

_COLUMNS = (
    "batch_id", "suite", "expectation_number", "expectation", "column_name", "is_success",
    "element_count", "unexpected_count", "unexpected_share", "run_at",
)  # fmt: skip


def save_results(
    conn: Connection,
    run_id: str,
    results: Sequence[ExpectationResult],
    *,
    now: datetime,
    first_number: int = 1,
) -> None:
    """Store the results of one run; `run_id` is a batch id, or the name of a check."""
    if not results:
        return
    create_partitions(conn, [now])
    rows = (
        _row(run_id, number, result, now) for number, result in enumerate(results, first_number)
    )
    copy_rows(conn, "ops.expectation_result", _COLUMNS, rows)


def _row(run_id: str, number: int, result: ExpectationResult, now: datetime) -> Row:
    return (
        run_id,
        result.suite,
        number,
        result.expectation,
        result.column,
        result.is_success,
        result.element_count,
        result.unexpected_count,
        result.unexpected_count / max(result.element_count, 1),
        now,
    )
