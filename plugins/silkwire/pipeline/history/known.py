"""Which archived fetches the warehouse has already, and which it must not load any more."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from silkwire.model import ErrorClass, FetchOutcome, FetchResult
from silkwire.pipeline.history.batches import FoundBatch
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def name_fetch(result: FetchResult) -> tuple[str, datetime]:
    return result.feed_url, result.started_at


def apply_limits(found: FoundBatch, results: Iterable[FetchResult]) -> list[FetchResult]:
    """Fail the documents that exceeded the parser's limits in the original run.

    Today the same document might be parsed in time.
    """
    given_up = {
        (document.feed_url, document.started_at): document.error
        for document in (found.decision.given_up if found.decision else ())
    }
    return [
        replace(
            result,
            outcome=FetchOutcome.FAILED,
            error_class=ErrorClass.PARSER_LIMIT,
            error=given_up[name_fetch(result)],
        )
        if name_fetch(result) in given_up
        else result
        for result in results
    ]


def read_known(conn: Connection, results: Sequence[FetchResult]) -> set[tuple[str, datetime]]:
    """Feed url and time of each fetch in a finished batch, whether loaded or rejected."""
    return _read_names(conn, "known", results)


def read_superseded(conn: Connection, results: Sequence[FetchResult]) -> set[tuple[str, datetime]]:
    """Feed url and time of each fetch that is older than what its feed has loaded since."""
    return _read_names(conn, "superseded", results)


def _read_names(
    conn: Connection, statement: str, results: Sequence[FetchResult]
) -> set[tuple[str, datetime]]:
    values = {
        "urls": [result.feed_url for result in results],
        "times": [result.started_at for result in results],
    }
    rows = conn.execute(_SQL[statement], values)
    return {(row.feed_url, row.started_at) for row in rows}
