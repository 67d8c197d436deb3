"""Load single entries by the validation and load that every batch goes through."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from silkwire.load import RELEASED, LoadInput, StagedDocument, load_batch, read_outcomes
from silkwire.model import EntryBatchRow, FailedEntry, MatchedEntry
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.quarantine.candidates import Candidate, L, Loadable, Refused
from silkwire.syndication import link_copies
from silkwire.validate import validate_entries
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.sources import EntrySource

_SQL = read_statements(__file__)

QUARANTINED = "quarantined"


def load_records(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    candidates: Sequence[Loadable],
    *,
    ruleset: str,
    reviewer: str,
    now: datetime,
) -> list[str]:
    """Load entries whose records the caller has locked; return the outcome of each.

    One that fails is `quarantined`. No two may be of the same feed and article.
    """
    load_input = _build_input(candidates, ruleset)
    load_batch(conn, batch_id, load_input, verdict=RELEASED, now=now, reviewer=reviewer)
    outcomes = read_outcomes(conn)
    _date_leaving(conn, batch_id, candidates)
    link_copies(conn, batch_id, window=ctx.settings.copy_window, now=now)
    return [outcomes[number] for number in range(len(candidates))]


def validate_records(candidates: Sequence[L]) -> list[L]:
    """The same candidates, each with the expectations that it fails now."""
    rows = [_row(number, one) for number, one in enumerate(candidates)]
    reasons = {failed.entry_number: failed.reasons for failed in validate_entries(rows).failed}
    return [replace(one, reasons=reasons.get(number, ())) for number, one in enumerate(candidates)]


def refuse_late(conn: Connection, candidates: Sequence[Candidate]) -> list[Refused]:
    """Refuse candidates whose feed has shown a later text of the article.

    Loaded after that text, they would be an edit that was never made.
    """
    return [
        Refused(
            candidates[number].record.quarantine_key,
            "its feed has shown a later text of this article, loaded"
            f" {loaded_at:%Y-%m-%d %H:%M:%SZ}: reject it",
        )
        for number, loaded_at in find_late(conn, candidates)
    ]


def find_late(conn: Connection, candidates: Sequence[Loadable]) -> list[tuple[int, datetime]]:
    """Indexes of candidates whose feed has shown a later text, and when that text was loaded."""
    rows = conn.execute(
        _SQL["late"],
        {
            "numbers": list(range(len(candidates))),
            "feed_keys": [one.record.feed_key for one in candidates],
            "identities": [bytes.fromhex(one.entry.identity_hash) for one in candidates],
            "texts": [bytes.fromhex(one.entry.text_hash) for one in candidates],
            "times": [one.record.fetched_at for one in candidates],
        },
    )
    return [(row.number, row.loaded_at) for row in rows]


def _row(number: int, one: Loadable) -> tuple[EntryBatchRow, MatchedEntry]:
    return (
        EntryBatchRow(number, one.record.feed_key, one.record.fetched_at, one.entry),
        MatchedEntry(number, one.decisions),
    )


def _build_input(candidates: Sequence[Loadable], ruleset: str) -> LoadInput:
    rows = [_row(number, one) for number, one in enumerate(candidates)]
    by_feed: dict[int, list[EntrySource]] = {}
    for one in candidates:
        by_feed.setdefault(one.record.feed_key, []).append(one.record)
    return LoadInput(
        documents=tuple(_stage_document(key, sources) for key, sources in by_feed.items()),
        rows=lambda: rows,
        matches=lambda: [matched for _, matched in rows],
        failed=tuple(
            FailedEntry(number, one.reasons) for number, one in enumerate(candidates) if one.reasons
        ),
        ruleset=ruleset,
        is_review=True,
    )


def _stage_document(feed_key: int, sources: Sequence[EntrySource]) -> StagedDocument:
    """One document a feed; its place in the archive only if all entries come from one document."""
    places = {(source.archive_file, source.archive_offset) for source in sources}
    place = places.pop() if len(places) == 1 else (None, None)
    return StagedDocument(feed_key, sources[0].fetched_at, *place)


def _date_leaving(conn: Connection, batch_id: str, candidates: Sequence[Loadable]) -> None:
    """Set `left_at` where a later complete document of the feed does not show the entry."""
    seen = {
        "batch_id": batch_id,
        "numbers": list(range(len(candidates))),
        "times": [one.record.last_seen_at for one in candidates],
    }
    conn.execute(_SQL["left"], seen)
