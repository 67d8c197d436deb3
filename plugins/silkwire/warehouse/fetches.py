"""Rows of `ops.fetch`: what each attempt of a batch came to."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from silkwire.model import DocumentReport, FetchOutcome, FetchResult

_INSERT = text("""
INSERT INTO ops.fetch (
    batch_id, feed_key, started_at, fetch_url, final_url, outcome, http_status, error_class,
    error, content_type, wire_bytes, body_bytes, fetch_ms, body_hash, archive_file,
    archive_offset, dag_id, run_id, task_id, map_index
) VALUES (
    :batch_id, :feed_key, :started_at, :fetch_url, :final_url, :outcome, :http_status,
    :error_class, :error, :content_type, :wire_bytes, :body_bytes, :fetch_ms, :body_hash,
    :archive_file, :archive_offset, :dag_id, :run_id, :task_id, :map_index
)
""")

_DESCRIBE = text("""
UPDATE ops.fetch AS attempt
SET
    outcome = CASE WHEN CAST(:error_class AS text) IS NULL THEN attempt.outcome ELSE 'failed' END,
    error_class = coalesce(:error_class, attempt.error_class),
    error = coalesce(:error, attempt.error),
    feed_format = :format,
    encoding = :encoding,
    encoding_evidence = :encoding_evidence,
    is_entries_lost = :is_lost
WHERE attempt.batch_id = :batch_id AND attempt.feed_key = :feed_key
""")


def replace_fetches(
    conn: Connection, batch_id: str, results: Sequence[FetchResult], task: dict[str, Any]
) -> None:
    """Write one row a result; a shard that is fetched again replaces its rows."""
    if not results:
        return
    conn.execute(
        text("DELETE FROM ops.fetch WHERE batch_id = :batch_id AND feed_key = ANY(:keys)"),
        {"batch_id": batch_id, "keys": [result.feed_key for result in results]},
    )
    conn.execute(_INSERT, [_row(batch_id, result, task) for result in results])


def describe_documents(
    conn: Connection, batch_id: str, documents: Iterable[DocumentReport]
) -> None:
    """Add what the parser found; a document that is no feed turns its fetch into a failed one."""
    rows = [
        {
            "batch_id": batch_id,
            "feed_key": document.feed_key,
            "error_class": document.error_class,
            "error": document.error,
            "format": document.format,
            "encoding": document.encoding,
            "encoding_evidence": document.encoding_evidence,
            "is_lost": document.lost_count > 0,
        }
        for document in documents
    ]
    if rows:
        conn.execute(_DESCRIBE, rows)


def mark_churn(conn: Connection, batch_id: str, feed_keys: Sequence[int]) -> None:
    """These fetches of the batch brought new bytes and the same entries."""
    if feed_keys:
        conn.execute(
            text(
                "UPDATE ops.fetch SET is_churn = true WHERE batch_id = :batch_id"
                " AND feed_key = ANY(:keys) AND outcome = 'new'"
            ),
            {"batch_id": batch_id, "keys": list(feed_keys)},
        )


def _row(batch_id: str, result: FetchResult, task: dict[str, Any]) -> dict[str, Any]:
    return {
        "batch_id": batch_id,
        "feed_key": result.feed_key,
        "started_at": result.started_at,
        "fetch_url": result.fetch_url,
        "final_url": result.final_url,
        "outcome": FetchOutcome(result.outcome).value,
        "http_status": result.http_status,
        "error_class": result.error_class,
        "error": result.error,
        "content_type": result.content_type,
        "wire_bytes": result.wire_bytes,
        "body_bytes": result.body_bytes,
        "fetch_ms": result.fetch_ms,
        "body_hash": bytes.fromhex(result.body_hash) if result.body_hash else None,
        "archive_file": result.archive_file,
        "archive_offset": result.archive_offset,
        "dag_id": task.get("dag_id"),
        "run_id": task.get("run_id"),
        "task_id": task.get("task_id"),
        "map_index": task.get("map_index"),
    }
