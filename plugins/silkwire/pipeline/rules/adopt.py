"""Adopt the configured rules for what is there: they decide on every text, and what was off topic
and is not by them comes in, also what is remembered no more, as the archive has it.

It is done in batches of trigger `review`, signed by ADOPT, which bring the rules into force as any
batch does. One that was killed is abandoned, and the next call does what is left.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

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
from silkwire.pipeline.quarantine.candidates import Loadable, split_waves
from silkwire.pipeline.quarantine.decide import CHUNK, begin_review
from silkwire.pipeline.quarantine.load import judge, list_late, load_records
from silkwire.pipeline.quarantine.reread import parse_archived
from silkwire.pipeline.rules import articles
from silkwire.pipeline.rules.archive import ArchiveReading
from silkwire.pipeline.rules.off_topic import (
    OffTopicEntry,
    find_first,
    find_named,
    read_gained,
)
from silkwire.pipeline.rules.trial import TRIAL_LOCK, judge_all
from silkwire.topics import Ruleset, load_ruleset
from silkwire.warehouse.tables import batches, rulesets
from silkwire.warehouse.tables.rulesets import ADOPT


@dataclass(frozen=True, slots=True)
class Adoption:
    """Rules to adopt."""

    ruleset: Ruleset
    first_key: int = 0
    """All texts before this key are judged."""


@dataclass(slots=True)
class AdoptionReport:
    """What an adoption did; printed by `silkwire topics adopt --json` as it stands."""

    ruleset: str
    replaced: str | None
    """The version that decided before; the same, if it was in force already."""
    texts_judged: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    """What became of the entries loaded: `inserted`, `revised`, `variant`, `unchanged`,
    `quarantined`."""
    unread: int = 0
    """Entries that would be gained, but are not in the archive (any more), or are read otherwise
    now; they stay off topic."""
    off_topic_unread: int = 0
    """Entries that could not be judged, as in a trial."""
    archive: ArchiveReading = field(default_factory=ArchiveReading)
    """What had to be read of it, as in a trial."""
    batches: list[str] = field(default_factory=list)


def adopt_rules(
    ctx: Context,
    version: str | None = None,
    *,
    since: datetime | None = None,
    progress: Progress = SILENT,
) -> AdoptionReport:
    """Bring the configured rules into force for all that is there; again is a no-op.

    Of entries that are remembered no more, the archive is read as far back as `since`.
    Raises ConfigError if `version` is given and the configured rules are others, and BatchError
    while a batch is held: what it holds could not be put in its place afterwards.
    """
    ruleset = load_ruleset(ctx.settings.config_dir)
    if version is not None and not ruleset.version.startswith(version):
        raise ConfigError(
            f"{ctx.settings.config_dir / 'topics'} holds the rules {ruleset.version[:12]}, not"
            f" {version}: put those there first, for the next batch adopts what is there"
        )
    with batches.hold_lock(ctx.engine, TRIAL_LOCK, is_waiting=True):
        _refuse_held(ctx)
        finish_expired_batches(ctx, trigger=batches.REVIEW)
        with ctx.engine.begin() as conn:
            end = articles.find_end(conn)
        trial = judge_all(ctx, ruleset, archived=Selection(since), progress=progress)
        report = AdoptionReport(ruleset.version, trial.in_force, trial.texts_judged)
        report.off_topic_unread, report.archive = trial.off_topic_unread, trial.archive
        adoption = Adoption(ruleset, end)
        _load_gained(ctx, adoption, report, progress)
        if not report.batches and trial.in_force != ruleset.version:
            _load(ctx, adoption, [], [], report)
    return report


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
    ruleset = adoption.ruleset
    with ctx.engine.begin() as conn:
        key = rulesets.register_ruleset(conn, ruleset.version, now=ctx.now())
    progress.start("adopt")
    for entries in _read_chunks(ctx, key):
        readings = list(_read(ctx, entries, ruleset))
        report.unread += sum(not loadable for _, loadable in readings)
        found = [(entry, loadable) for entry, loadable in readings if loadable]
        waves = split_waves(one for _, loadable in found for one in loadable)
        for number, wave in enumerate(waves, start=1):
            # Not before all its texts are in: a run that is killed in between has it again.
            is_last = number == len(waves)
            done = [entry for entry, _ in found] if is_last else []
            _load(ctx, adoption, judge(wave), done, report)
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
    """Each entry as its feed showed it first and last, whole, out of the archive."""
    with ctx.engine.begin() as conn:
        first = {one.name: one for one in find_first(conn, entries)}
    documents = parse_archived(ctx, [*entries, *first.values()])
    for entry in entries:
        shown = [first[entry.name], entry] if entry.name in first else [entry]
        read = [(one, found) for one in shown if (found := find_named(one, documents)) is not None]
        yield entry, list(_choose(read, ruleset)) if read and read[-1][0] is entry else []


def _choose(
    read: Sequence[tuple[OffTopicEntry, IdentifiedEntry]], ruleset: Ruleset
) -> Iterator[Loadable]:
    """Texts on topic, in the order in which they were shown; the same text once."""
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
    wave: Sequence[Loadable],
    done: Sequence[OffTopicEntry],
    report: AdoptionReport,
) -> None:
    with begin_review(ctx, adoption.ruleset) as batch_id, ctx.engine.begin() as conn:
        fates, chosen = load_adopted(ctx, conn, batch_id, adoption, wave)
        forget(conn, done)
        archive_decision(ctx, conn, batch_id, records=[_refer(one) for one in chosen])
    report.batches.append(batch_id)
    for fate in fates:
        report.outcomes[fate] = report.outcomes.get(fate, 0) + 1


def load_adopted(
    ctx: Context, conn: Connection, batch_id: str, adoption: Adoption, wave: Sequence[Loadable]
) -> tuple[list[str], list[Loadable]]:
    """Have the rules judge what they have not, and load what of the wave is not out of date.

    What became of each that was chosen.
    """
    lock_loads(conn)
    ruleset, now = adoption.ruleset, ctx.now()
    key = rulesets.register_ruleset(conn, ruleset.version, now=now)
    articles.judge_rest(conn, ruleset, key, first_key=adoption.first_key, now=now)
    late = {number for number, _ in list_late(conn, wave)}
    chosen = [one for number, one in enumerate(wave) if number not in late]
    fates = load_records(
        ctx, conn, batch_id, chosen, ruleset=ruleset.version, reviewer=ADOPT, now=now
    )
    return fates, chosen


def forget(conn: Connection, entries: Sequence[OffTopicEntry]) -> None:
    """They are not off topic any more, unless their feed has said something else since."""
    values = {
        "feeds": [one.feed_key for one in entries],
        "identities": [one.identity_hash for one in entries],
        "times": [one.last_seen_at for one in entries],
    }
    conn.execute(text(_FORGET), values)


def _refer(one: Loadable) -> RecordReference:
    return RecordReference(
        feed_url=one.record.feed_url,
        fetched_at=one.record.fetched_at,
        position=one.entry.entry.position,
    )


_FORGET = """
DELETE FROM ops.off_topic AS entry
USING unnest(CAST(:feeds AS bigint[]), CAST(:identities AS bytea[]), CAST(:times AS timestamptz[]))
    AS given (feed_key, identity_hash, last_seen_at)
WHERE entry.feed_key = given.feed_key AND entry.identity_hash = given.identity_hash
    AND entry.last_seen_at = given.last_seen_at
"""
