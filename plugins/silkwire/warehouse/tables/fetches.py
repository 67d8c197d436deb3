"""Rows of `ops.fetch`: the outcome of each attempt of a batch."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from silkwire.model import DocumentReport, FetchOutcome, FetchResult
from silkwire.warehouse.copying import Row, copy_rows
from silkwire.warehouse.schema.partitions import create_partitions

_COLUMNS = (
    "batch_id", "feed_key", "started_at", "fetch_url", "final_url", "outcome", "http_status",
    "error_class", "error", "content_type", "wire_bytes", "body_bytes", "fetch_ms", "body_hash",
    "archive_file", "archive_offset", "dag_id", "run_id", "task_id", "map_index",
)  # fmt: skip

_DESCRIBE = text("""
UPDATE ops.fetch AS attempt
SET
    outcome = CASE WHEN document.error_class IS NULL THEN attempt.outcome ELSE 'failed' END,
    error_class = coalesce(document.error_class, attempt.error_class),
    error = coalesce(document.error, attempt.error),
    feed_format = document.feed_format,
    encoding = document.encoding,
    encoding_evidence = document.encoding_evidence,
    is_entries_lost = document.is_entries_lost,
    undated_count = document.undated_count
FROM unnest(
    CAST(:feed_keys AS bigint[]), CAST(:error_classes AS text[]), CAST(:errors AS text[]),
    CAST(:formats AS text[]), CAST(:encodings AS text[]), CAST(:evidences AS text[]),
    CAST(:losts AS boolean[]), CAST(:undated AS integer[])
) AS document (
    feed_key, error_class, error, feed_format, encoding, encoding_evidence, is_entries_lost,
    undated_count
)
WHERE attempt.batch_id = :batch_id AND attempt.feed_key = document.feed_key
""")


def replace_fetches(
    conn: Connection, batch_id: str, results: Sequence[FetchResult], task: dict[str, Any]
) -> None:
    """Write one row for each result; a shard that is fetched again replaces its rows."""
    if not results:
        return
    conn.execute(
        text("DELETE FROM ops.fetch WHERE batch_id = :batch_id AND feed_key = ANY(:keys)"),
        {"batch_id": batch_id, "keys": [result.feed_key for result in results]},
    )
    create_partitions(conn, (result.started_at for result in results))
    copy_rows(conn, "ops.fetch", _COLUMNS, (_row(batch_id, result, task) for result in results))


def describe_documents(
    conn: Connection, batch_id: str, documents: Iterable[DocumentReport]
) -> None:
    """Add what the parser found; a document that is no feed turns its fetch into a failed one."""
    found = list(documents)
    if found:
        conn.execute(
            _DESCRIBE,
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
        conn.execute(
            text(
                "UPDATE ops.fetch SET is_churn = true WHERE batch_id = :batch_id"
                " AND feed_key = ANY(:keys) AND outcome = 'new'"
            ),
            {"batch_id": batch_id, "keys": list(feed_keys)},
        )


def mark_held(conn: Connection, batch_id: str, feed_keys: Sequence[int]) -> None:
    """Store that these documents of the batch are held: their new entries are in quarantine."""
    if feed_keys:
        conn.execute(
            text(
                "UPDATE ops.fetch SET is_held = true WHERE batch_id = :batch_id"
                " AND feed_key = ANY(:keys)"
            ),
            {"batch_id": batch_id, "keys": list(feed_keys)},
        )


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
