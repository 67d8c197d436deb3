"""Replay one adoption of topic rules: match stored revisions and load the entries that it loaded.

The archived decision names these entries. Here the rules might gain other entries than
originally, because retention has purged different ones.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from silkwire.archive import RecordReference
from silkwire.load import lock_loads
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.history.batches import FoundBatch
from silkwire.pipeline.history.rulesets import ArchivedRules
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.quarantine.candidates import Loadable
from silkwire.pipeline.quarantine.load import validate_records
from silkwire.pipeline.quarantine.reread import locate, name_entries, parse_archived
from silkwire.pipeline.replay.records import (
    begin_replay,
    count_replay,
    find_decision,
    restore_changed_feeds,
)
from silkwire.pipeline.replay.report import ReplayReport
from silkwire.pipeline.rules.adopt import Adoption, load_adopted
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables.off_topic.entries import Name, delete_loaded, read_last_seen
from silkwire.warehouse.tables.sources import EntrySource

_SQL = read_statements(__file__)


def replay_adoption(
    ctx: Context,
    rules: ArchivedRules,
    found: FoundBatch,
    selection: Selection,
    report: ReplayReport,
) -> None:
    """Adopt the archived ruleset and load that adoption's entries; a repeat does nothing."""
    decision = find_decision(ctx, found, report)
    if decision is None:
        return
    ruleset = load_ruleset(rules.find_config(decision.ruleset))
    wanted = [one for one in decision.records if selection.has(one.feed_url, one.fetched_at)]
    with ctx.engine.begin() as conn:
        restore_changed_feeds(conn, decision, selection)
    candidates = validate_records(list(_read(ctx, wanted, ruleset, report)))
    with ctx.engine.begin() as conn:
        lock_loads(conn)
        is_whole = len(wanted) == len(decision.records)
        batch_id = begin_replay(ctx, conn, decision, wanted, is_whole=is_whole)
        seen = _note_last_seen(conn, candidates)
        then = ctx.at(decision.decided_at)
        _, chosen = load_adopted(then, conn, batch_id, Adoption(ruleset), seen)
        delete_loaded(conn, _names(chosen), [None] * len(chosen))
        count_replay(conn, batch_id, report)
    report.batches.replayed += 1


def _read(
    ctx: Context, wanted: Sequence[RecordReference], ruleset: Ruleset, report: ReplayReport
) -> Iterator[Loadable]:
    with ctx.engine.begin() as conn:
        sources = _find_sources(conn, wanted)
    documents = parse_archived(ctx, sources.values())
    for one in wanted:
        source = sources.get((one.feed_url, one.fetched_at))
        document = documents.get(locate(source)) if source else None
        named = name_entries(source, document) if source and document else ()
        entry = next((it for it in named if it.entry.position == one.position), None)
        if source is None or entry is None:
            report.reviews_refused.append(
                f"the entry at position {one.position} of {one.feed_url}, fetched"
                f" {one.fetched_at:%Y-%m-%d %H:%M:%SZ}, is not in the archive"
            )
            continue
        decisions = match_entry(entry.entry, ruleset, dedicated=source.feed_topics)
        yield Loadable(source, entry, decisions)


def _find_sources(
    conn: Connection, wanted: Sequence[RecordReference]
) -> dict[tuple[str, datetime], EntrySource]:
    values = {
        "urls": [one.feed_url for one in wanted],
        "times": [one.fetched_at for one in wanted],
    }
    sources = {}
    for row in conn.execute(_SQL["sources"], values):
        source = EntrySource(**{**row._asdict(), "feed_topics": tuple(row.feed_topics)})
        sources[source.feed_url, source.fetched_at] = source
    return sources


def _note_last_seen(conn: Connection, candidates: Sequence[Loadable]) -> list[Loadable]:
    """The same entries, with the time at which the feed last showed each, if known."""
    seen = read_last_seen(conn, _names(candidates))
    return [
        replace(
            one,
            record=replace(one.record, last_seen_at=seen.get(name, one.record.fetched_at)),
        )
        for one, name in zip(candidates, _names(candidates), strict=True)
    ]


def _names(candidates: Sequence[Loadable]) -> list[Name]:
    return [(one.record.feed_key, bytes.fromhex(one.entry.identity_hash)) for one in candidates]
