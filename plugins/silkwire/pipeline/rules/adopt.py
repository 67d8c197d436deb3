"""Adopt the configured rules for everything stored.

Match every revision in `core` with them, then load the off-topic entries that now match, from
`ops.off_topic` or, if those were purged, from the archive. Entries are loaded in batches with the
trigger `adopt`; these put the ruleset in force, as every batch does. If the process dies, the batch
is abandoned, and the next call does the rest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from silkwire.archive import RecordReference
from silkwire.errors import BatchError, ConfigError
from silkwire.load import lock_loads
from silkwire.model import IdentifiedEntry
from silkwire.pipeline.batch.archive_notes import archive_decision
from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.match import match_entry
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.batch.recover import finish_expired_batches
from silkwire.pipeline.history.selection import Selection
from silkwire.pipeline.quarantine.candidates import Loadable, split_rounds
from silkwire.pipeline.quarantine.load import find_late, load_records, validate_records
from silkwire.pipeline.quarantine.release import begin_records_batch
from silkwire.pipeline.quarantine.reread import parse_archived
from silkwire.pipeline.rules import articles
from silkwire.pipeline.rules.archive import ArchiveReading
from silkwire.pipeline.rules.off_topic import find_named
from silkwire.pipeline.rules.trial import TRIAL_LOCK, match_stored
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables import batches, rulesets
from silkwire.warehouse.tables.off_topic.entries import (
    OffTopicEntry,
    delete_loaded,
    find_first_documents,
)
from silkwire.warehouse.tables.off_topic.trials import read_gained

CHUNK = 1_000
"""Entries whose texts are in memory at once."""
REVIEWER = "adopt"
"""Who is named as the reviewer of these batches in `ops.batch`."""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A ruleset to adopt."""

    ruleset: Ruleset
    first_key: int = 0
    """Revisions with a smaller key are matched already."""


@dataclass(slots=True)
class AdoptionReport:
    """What an adoption did; `silkwire topics adopt --json` prints these fields."""

    ruleset: str
    replaced: str | None
    """The version in force before; equal to `ruleset` if it was adopted already."""
    texts_judged: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many loaded entries were `inserted`, `revised`, `variant`, `unchanged`,
    `quarantined`."""
    unread: int = 0
    """Gained entries that the archive does not hold, or that are read differently today; they stay
    off topic."""
    off_topic_unread: int = 0
    """Entries that could not be matched, as in a trial."""
    archive: ArchiveReading = field(default_factory=ArchiveReading)
    batches: list[str] = field(default_factory=list)


def adopt_rules(
    ctx: Context,
    version: str | None = None,
    *,
    since: datetime | None = None,
    progress: Progress = SILENT,
) -> AdoptionReport:
    """Put the configured rules in force for everything stored; a second call is a no-op.

    The archive is read from `since` on. Raises ConfigError if the configured rules are not
    those of `version`, and BatchError while a batch is held: after the adoption a release could no
    longer load the held entries as of their own time.
    """
    ruleset = load_ruleset(ctx.settings.config_dir)
    if version is not None and not ruleset.version.startswith(version):
        raise ConfigError(
            f"{ctx.settings.config_dir / 'topics'} holds the rules {ruleset.version[:12]}, not"
            f" {version}: put those there first, for the next batch adopts what is there"
        )
    with hold_lock(ctx.engine, TRIAL_LOCK, is_waiting=True):
        _refuse_held(ctx)
        finish_expired_batches(ctx, triggers=batches.RECORD_TRIGGERS)
        with ctx.engine.begin() as conn:
            first_key = articles.find_next_key(conn)
        trial = match_stored(ctx, ruleset, archived=Selection(since), progress=progress)
        report = AdoptionReport(ruleset.version, trial.in_force, trial.texts_judged)
        report.off_topic_unread, report.archive = trial.off_topic_unread, trial.archive
        adoption = Adoption(ruleset, first_key)
        _load_gained(ctx, adoption, report, progress)
        if not report.batches and trial.in_force != ruleset.version:
            _load(ctx, adoption, [], [], report)
    return report


def load_adopted(
    ctx: Context,
    conn: Connection,
    batch_id: str,
    adoption: Adoption,
    candidates: Sequence[Loadable],
) -> tuple[list[str], list[Loadable]]:
    """Match the revisions that are left, then load the candidates without a later text.

    Returns the outcomes and the loaded candidates.
    """
    lock_loads(conn)
    ruleset, now = adoption.ruleset, ctx.now()
    key = rulesets.register_ruleset(conn, ruleset.version, ruleset.thresholds, now=now)
    articles.match_rest(conn, ruleset, key, first_key=adoption.first_key, now=now)
    late = {number for number, _ in find_late(conn, candidates)}
    chosen = [one for number, one in enumerate(candidates) if number not in late]
    outcomes = load_records(
        ctx, conn, batch_id, chosen, ruleset=ruleset.version, reviewer=REVIEWER, now=now
    )
    return outcomes, chosen


def _refuse_held(ctx: Context) -> None:
    with ctx.engine.begin() as conn:
        if batches.is_any_held(conn):
            raise BatchError(
                "a batch is held: release or reject it first (`silkwire quarantine list`), for"
                " its articles could not be put in their place after other rules were adopted"
            )


def _load_gained(
    ctx: Context, adoption: Adoption, report: AdoptionReport, progress: Progress
) -> None:
    with ctx.engine.begin() as conn:
        rules = adoption.ruleset
        key = rulesets.register_ruleset(conn, rules.version, rules.thresholds, now=ctx.now())
    progress.start("adopt")
    for entries in _read_chunks(ctx, key):
        read = list(_read(ctx, entries, adoption.ruleset))
        found = [(entry, texts) for entry, texts in read if texts]
        report.unread += len(read) - len(found)
        rounds = split_rounds(text for _, texts in found for text in texts)
        for number, candidates in enumerate(rounds, start=1):
            # Delete entries in the last round only, so that a killed run loads all rounds again.
            is_last = number == len(rounds)
            done = [entry for entry, _ in found] if is_last else []
            _load(ctx, adoption, validate_records(candidates), done, report)
        progress.advance(len(entries))
    progress.finish(f"{sum(report.outcomes.values()):,} entries loaded")


def _read_chunks(ctx: Context, ruleset_key: int) -> Iterator[list[OffTopicEntry]]:
    after = None
    while True:
        with ctx.engine.begin() as conn:
            chunk = read_gained(conn, ruleset_key, after=after, limit=CHUNK)
        if not chunk:
            return
        yield chunk
        after = chunk[-1]


def _read(
    ctx: Context, entries: Sequence[OffTopicEntry], ruleset: Ruleset
) -> Iterator[tuple[OffTopicEntry, list[Loadable]]]:
    """Each entry with its full texts from the archive, as its feed showed it first and last."""
    with ctx.engine.begin() as conn:
        first = find_first_documents(conn, entries)
    documents = parse_archived(ctx, [*entries, *first.values()])
    for entry in entries:
        shown = [first[entry.name], entry] if entry.name in first else [entry]
        read = [(one, found) for one in shown if (found := find_named(one, documents)) is not None]
        yield entry, list(_choose(read, ruleset)) if read and read[-1][0] is entry else []


def _choose(
    read: Sequence[tuple[OffTopicEntry, IdentifiedEntry]], ruleset: Ruleset
) -> Iterator[Loadable]:
    """The texts that are on topic, in the order in which the feed showed them, without repeats."""
    text_hash = None
    for source, named in read:
        decisions = match_entry(named.entry, ruleset, dedicated=source.feed_topics)
        loadable = Loadable(source, named, decisions)
        if named.text_hash != text_hash and loadable.is_on_topic:
            yield loadable
        text_hash = named.text_hash


def _load(
    ctx: Context,
    adoption: Adoption,
    candidates: Sequence[Loadable],
    done: Sequence[OffTopicEntry],
    report: AdoptionReport,
) -> None:
    trigger, ruleset = batches.ADOPT, adoption.ruleset
    with begin_records_batch(ctx, trigger, ruleset) as batch_id, ctx.engine.begin() as conn:
        outcomes, chosen = load_adopted(ctx, conn, batch_id, adoption, candidates)
        # Keep an entry that its feed has shown again meanwhile: its new text may be off topic.
        delete_loaded(conn, [one.name for one in done], [one.last_seen_at for one in done])
        archive_decision(ctx, conn, batch_id, records=[_refer(one) for one in chosen])
    report.batches.append(batch_id)
    for outcome in outcomes:
        report.outcomes[outcome] = report.outcomes.get(outcome, 0) + 1


def _refer(one: Loadable) -> RecordReference:
    return RecordReference(
        feed_url=one.record.feed_url,
        fetched_at=one.record.fetched_at,
        position=one.entry.entry.position,
    )
