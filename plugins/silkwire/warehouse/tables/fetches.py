"""Rows of `ops.fetch`: the outcome of each attempt of a batch."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from silkwire.model import DocumentReport, FetchOutcome, FetchResult
from silkwire.warehouse.copying import Row, copy_rows
from silkwire.warehouse.schema.partitions import create_partitions
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)

_COLUMNS = (
    "batch_id", "feed_key", "started_at", "fetch_url", "final_url", "outcome", "http_status",
    "error_class", "error", "content_type", "wire_bytes", "body_bytes", "fetch_ms", "body_hash",
    "archive_file", "archive_offset", "dag_id", "run_id", "task_id", "map_index",
)  # fmt: skip


def replace_fetches(
    conn: Connection, batch_id: str, results: Sequence[FetchResult], task: dict[str, Any]
) -> None:
    """Write one row for each result; a shard that is fetched again replaces its rows."""
    if not results:
        return
    keys = [result.feed_key for result in results]
    conn.execute(_SQL["delete"], {"batch_id": batch_id, "keys": keys})
    create_partitions(conn, (result.started_at for result in results))
    copy_rows(conn, "ops.fetch", _COLUMNS, (_row(batch_id, result, task) for result in results))


def describe_documents(
    conn: Connection, batch_id: str, documents: Iterable[DocumentReport]
) -> None:
    """Add what the parser found. If a document is no feed, its fetch becomes a failed one."""
    found = list(documents)
    if found:
        conn.execute(
            _SQL["describe"],
            {
                "batch_id": batch_id,
                "feed_keys": [document.feed_key for document in found],
                "error_classes": [document.error_class for document in found],
                "errors": [document.error for document in found],
                "formats": [document.format for document in found],
                "encodings": [document.encoding for document in found],
                "evidences": [document.encoding_evidence for document in found],
                "losts": [document.lost_count > 0 for document in found],
                "undated": [document.undated_count for document in found],
            },
        )


def mark_churn(conn: Connection, batch_id: str, feed_keys: Sequence[int]) -> None:
    """Store that these fetches of the batch had new bytes but the same entries."""
    if feed_keys:
        conn.execute(_SQL["mark_churn"], {"batch_id": batch_id, "keys": list(feed_keys)})


def mark_held(conn: Connection, batch_id: str, feed_keys: Sequence[int]) -> None:
    """Store that these documents of the batch are held: their new entries are in quarantine."""
    if feed_keys:
        conn.execute(_SQL["mark_held"], {"batch_id": batch_id, "keys": list(feed_keys)})


def _row(batch_id: str, result: FetchResult, task: dict[str, Any]) -> Row:
    return (
        batch_id,
        result.feed_key,
        result.started_at,
        result.fetch_url,
        result.final_url,
        FetchOutcome(result.outcome).value,
        result.http_status,
        result.error_class,
        result.error,
        result.content_type,
        result.wire_bytes,
        result.body_bytes,
        result.fetch_ms,
        bytes.fromhex(result.body_hash) if result.body_hash else None,
        result.archive_file,
        result.archive_offset,
        task.get("dag_id"),
        task.get("run_id"),
        task.get("task_id"),
        task.get("map_index"),
    )
