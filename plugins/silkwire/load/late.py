"""Load a batch that was released late, as if it had never been held.

1. Copy the articles that it touches into temporary tables, in their state before the batch.
2. Load its documents and those of later batches into the copies, in the order of their fetch, by
   the statements of every load.
3. Make core equal to the copies. Rows that core had keep their keys and `loaded_at`.

So the order in which held batches are released makes no difference.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from sqlalchemy import Connection

from silkwire.errors import BatchError
from silkwire.load.batch import LoadInput, load_decisions, lock_loads, stage_entries
from silkwire.load.stage import StagedDocument
from silkwire.load.statements import run_file
from silkwire.model import EntryBatchRow, MatchedEntry
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import correct_after_late_load, save_staged

Rows = Iterable[tuple[EntryBatchRow, MatchedEntry]]

_SQL = read_statements(__file__)


def load_late(
    conn: Connection,
    batch_id: str,
    batch: LoadInput,
    later: Mapping[str, LoadInput],
    *,
    now: datetime,
    reviewer: str,
) -> tuple[int, ...]:
    """Release `batch` in the caller's transaction.

    `later` are all loaded batches with a document that was fetched since its first one. Returns the
    keys of articles whose first text has changed, and of articles that share such a text. Raises
    BatchError if a record that was released singly would be lost.
    """
    lock_loads(conn)
    from_at = min(document.fetched_at for document in batch.documents)
    inputs = {batch_id: batch, **later}
    names = _find_names(conn, batch, later.values())
    conn.execute(_SQL["name"], {"names": sorted(names)})
    run_file(conn, "late_rewind", {"from_at": from_at})
    for name, documents in _order_documents(inputs, from_at):
        is_own = name == batch_id
        chosen = _select(inputs[name], documents, None if is_own else names)
        _load_again(conn, name, chosen, now, is_own=is_own)
    run_file(conn, "late_match_keys")
    if count := conn.execute(_SQL["lost"]).scalar_one():
        raise BatchError(
            f"{count} records that were released singly since would be lost: reject batch"
            f" {batch_id}, and its feeds are read anew"
        )
    moved = conn.execute(_SQL["moved"]).scalars().all()
    run_file(conn, "late_replace")
    run_file(conn, "late_count", {"batch_id": batch_id})
    correct_after_late_load(conn, from_at=from_at)
    parameters: dict[str, object] = {"batch_id": batch_id, "now": now, "reviewer": reviewer}
    run_file(conn, "finish", {**parameters, "verdict": "released", "verdict_reason": None})
    return tuple(moved)


def _find_names(conn: Connection, batch: LoadInput, later: Iterable[LoadInput]) -> set[str]:
    """Identity hashes (hex) of all articles that the batch may change."""
    shown = {name for row, _ in batch.rows() for name in _list_names(row)}
    names = set(conn.execute(_SQL["existing"], {"names": sorted(shown)}).scalars())
    for row, matched in batch.rows():
        if matched.is_on_topic:
            names.update(_list_names(row))
    whole = [document for document in batch.documents if not document.lost_count]
    documents = {
        "feed_keys": [document.feed_key for document in whole],
        "times": [document.fetched_at for document in whole],
    }
    names.update(conn.execute(_SQL["shown"], documents).scalars())
    # If an entry has several identities, their articles are taken together or not at all.
    ties = [set(_list_names(row)) for one in (batch, *later) for row, _ in one.rows()
            if row.identified.coarser_hashes]  # fmt: skip
    while grown := [tie for tie in ties if tie & names and not tie <= names]:
        names.update(*grown)
    return names


def _list_names(row: EntryBatchRow) -> tuple[str, ...]:
    return (row.identified.identity_hash, *row.identified.coarser_hashes)


def _order_documents(
    inputs: Mapping[str, LoadInput], from_at: datetime
) -> Iterator[tuple[str, tuple[StagedDocument, ...]]]:
    """The documents since `from_at` in the order of their fetch, in groups of one batch each."""
    ordered = sorted(
        (document.fetched_at, document.feed_key, name, document)
        for name, one in inputs.items()
        for document in one.documents
        if document.fetched_at >= from_at
    )
    for name, met in groupby(ordered, key=lambda turn: turn[2]):
        yield name, tuple(turn[3] for turn in met)


def _select(
    batch: LoadInput, documents: Sequence[StagedDocument], names: set[str] | None
) -> LoadInput:
    """The batch, reduced to the entries of these documents and, if given, of these identities."""
    feed_keys = {document.feed_key for document in documents}
    rows = [
        (row, matched)
        for row, matched in batch.rows()
        if row.feed_key in feed_keys and (names is None or not names.isdisjoint(_list_names(row)))
    ]
    numbers = {row.entry_number for row, _ in rows}
    failed = tuple(record for record in batch.failed if record.entry_number in numbers)
    return replace(
        batch,
        documents=tuple(documents),
        rows=lambda: rows,
        matches=lambda: (matched for _, matched in rows),
        failed=failed,
    )


def _load_again(
    conn: Connection, batch_id: str, batch: LoadInput, now: datetime, *, is_own: bool
) -> None:
    """Load the batch into the copies; `is_own` is true for the batch that is released."""
    parameters: dict[str, object] = {
        "batch_id": batch_id,
        "ruleset": batch.ruleset,
        "now": now,
        "is_review": False,
    }
    run_file(conn, "stage")
    stage_entries(conn, batch)
    run_file(conn, "late_restore", parameters)
    run_file(conn, "decide", on_copies=True)
    run_file(conn, "count")
    run_file(conn, "merge", parameters, on_copies=True)
    load_decisions(conn, batch, now=now, schema="pg_temp")
    run_file(conn, "off_topic", parameters)
    save_staged(conn)
    if is_own:
        run_file(conn, "quarantine", parameters)
        run_file(conn, "late_own")
    else:
        run_file(conn, "late_on_topic", parameters)
    conn.execute(_SQL["drop"])
