"""The verdict on a staged batch: validate it and its documents beside their history."""

from collections.abc import Iterable

from sqlalchemy import Connection

from silkwire.load import StagedCounts
from silkwire.model import DocumentReport, ExpectationResult, Verdict
from silkwire.pipeline.batch import files
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.holds import name_holds
from silkwire.validate import CountedDocument, Limits, decide_verdict, validate_documents
from silkwire.warehouse.tables.batches import Batch
from silkwire.warehouse.tables.history import BatchHistory, read_batch_history, read_feed_history


def decide_staged(
    ctx: Context,
    conn: Connection,
    batch: Batch,
    documents: Iterable[DocumentReport],
    counts: StagedCounts,
) -> tuple[Verdict, tuple[ExpectationResult, ...]]:
    """The verdict, and every result on the batch and on its documents.

    Only a published batch has held documents: whoever releases a held batch decides on all of it.
    """
    limits = Limits(ctx.settings.hold_quarantined_share, ctx.settings.hold_min_entries)
    history = BatchHistory()
    if batch.is_listed_feeds:
        history = read_batch_history(conn, before=batch.started_at)
    past = read_feed_history(conn, list(counts.documents), before=batch.started_at)
    counted = [
        CountedDocument(one, counts.documents[one.feed_key], past.get(one.feed_key))
        for one in documents
        if one.feed_key in counts.documents
    ]
    found = validate_documents(counted, limits)
    decided = decide_verdict(counts.entries, counted, limits, history)
    name, reason = decided.verdict
    feeds = files.read_feeds(ctx.folder(batch.batch_id), batch.plan.shards)
    held = name_holds(found.holds, feeds) if name == "published" and found.holds else ()
    return Verdict(name, reason, held), (*decided.results, *found.results)
