"""Trial of a ruleset: match everything stored with it, and report what it would gain and lose.

It matches the revisions in `core`, the entries in `ops.off_topic`, and archived documents whose
off-topic entries were purged. Each chunk is stored when it is done, so a killed trial continues
when it is run again. No decision in force changes.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.history.selection import EVERYTHING, Selection, select
from silkwire.pipeline.rules import articles, off_topic
from silkwire.pipeline.rules.archive import ArchiveReading, match_archive
from silkwire.topics import Ruleset
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.statements import read_statements
from silkwire.warehouse.tables import rulesets
from silkwire.warehouse.tables.off_topic import trials
from silkwire.warehouse.tables.off_topic.entries import START, Name

_SQL = read_statements(__file__)

TRIAL_LOCK = "trial"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """An article or entry that would change, as in `mart.ruleset_changes`."""

    change: str
    title: str | None
    url: str | None
    words: tuple[str, ...]
    """The words that the tried ruleset matched; for a loss, those of the ruleset in force."""


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What adopting the ruleset would change on one topic."""

    topic: str
    kept: int
    """Articles on the topic before and after."""
    gained: int
    """Articles that would become on topic."""
    gained_off_topic: int
    """Entries of `ops.off_topic` that would be loaded."""
    lost: int
    examples: tuple[Example, ...]


@dataclass(slots=True)
class TrialReport:
    """What a trial found; `silkwire replay --ruleset --json` prints these fields."""

    ruleset: str
    in_force: str | None
    """The version in force."""
    texts_judged: int = 0
    """Revisions matched by this run; those of an earlier run are not matched again."""
    off_topic_judged: int = 0
    off_topic_unread: int = 0
    """Entries without a summary whose documents are gone from the archive: not matched."""
    archive: ArchiveReading = field(default_factory=ArchiveReading)
    """What this run read in the archive."""
    topics: list[TopicChange] = field(default_factory=list)


def try_rules(
    ctx: Context,
    ruleset: Ruleset,
    *,
    selection: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> TrialReport:
    """Match the selected texts with `ruleset`, and report what would change, topic by topic."""
    with hold_lock(ctx.engine, TRIAL_LOCK, is_waiting=True):
        report = match_stored(
            ctx, ruleset, selection=selection, archived=selection, progress=progress
        )
    with ctx.engine.begin() as conn:
        report.topics = read_changes(conn, ruleset)
    return report


def match_stored(
    ctx: Context,
    ruleset: Ruleset,
    *,
    selection: Selection = EVERYTHING,
    archived: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> TrialReport:
    """Do what `try_rules` does, without its lock and without `topics` in the report.

    `archived` selects what is read from the archive.
    """
    with ctx.engine.begin() as conn:
        key = rulesets.register_ruleset(conn, ruleset.version, ruleset.thresholds, now=ctx.now())
        rulesets.note_trial(conn, ruleset.version, now=ctx.now())
        report = TrialReport(ruleset.version, rulesets.find_in_force(conn))
        texts = articles.find_unmatched(conn, key, selection)
        entry_count = trials.count_unmatched(conn, key, select(selection))
    progress.start("match", texts.count + entry_count)
    left = texts if texts.count else None
    while left is not None:
        with ctx.engine.begin() as conn:
            first_key, now = left.first_key, ctx.now()
            left = articles.match_chunk(
                conn, ruleset, key, first_key=first_key, selection=selection, now=now
            )
        if left is not None:
            report.texts_judged += left.count
            progress.advance(left.count)
    last: Name | None = START if entry_count else None
    while last is not None:
        chunk = off_topic.match_chunk(ctx, ruleset, key, after=last, selection=selection)
        last = chunk.last
        report.off_topic_judged += chunk.count
        report.off_topic_unread += chunk.unread_count
        progress.advance(chunk.count + chunk.unread_count)
    progress.finish(
        f"{report.texts_judged:,} texts and {report.off_topic_judged:,} entries off topic"
    )
    report.archive = match_archive(ctx, ruleset, key, selection=archived, progress=progress)
    return report


def read_changes(conn: Connection, ruleset: Ruleset) -> list[TopicChange]:
    """What adopting the ruleset would change, by `mart.ruleset_changes`, topic by topic."""
    on_topic = {row.topic: row.amount for row in conn.execute(_SQL["on_topic"])}
    counts: dict[tuple[str, str, bool], int] = {}
    examples: dict[str, list[Example]] = {}
    values = {"version": ruleset.version, "examples": _EXAMPLES}
    for row in conn.execute(_SQL["changes"], values):
        counts[row.topic, row.change, row.is_off_topic] = row.amount
        shown = Example(row.change, row.title, row.url, tuple(row.words or ()))
        examples.setdefault(row.topic, []).append(shown)
    names = [rules.topic for rules in ruleset.topics]
    return [
        TopicChange(
            topic,
            kept=on_topic.get(topic, 0) - counts.get((topic, "lost", False), 0),
            gained=counts.get((topic, "gained", False), 0),
            gained_off_topic=counts.get((topic, "gained", True), 0),
            lost=counts.get((topic, "lost", False), 0),
            examples=tuple(examples.get(topic, ())),
        )
        for topic in names
    ]
