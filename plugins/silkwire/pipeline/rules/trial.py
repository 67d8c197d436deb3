"""Try rules on what the warehouse holds, and on what the archive has of entries that it remembers
no more: what they would gain and lose, before they decide.

In chunks, each kept as it is done: a trial that was stopped or killed goes on when it is run again,
and one that is done does nothing.
"""

from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from silkwire.pipeline.batch.context import Context
from silkwire.pipeline.batch.progress import SILENT, Progress
from silkwire.pipeline.history.selection import EVERYTHING, Selection
from silkwire.pipeline.rules import articles, off_topic
from silkwire.pipeline.rules.archive import ArchiveReading, judge_archive
from silkwire.topics import Ruleset
from silkwire.warehouse.tables import batches, rulesets

TRIAL_LOCK = "trial"
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class Example:
    """Something that would change, as `mart.ruleset_changes` has it."""

    change: str
    title: str | None
    url: str | None
    words: tuple[str, ...]
    """That count by the rules tried; of what would be lost, those that counted before."""


@dataclass(frozen=True, slots=True)
class TopicChange:
    """What adopting the rules would change on one topic."""

    topic: str
    kept: int
    """Articles on the topic, before and after."""
    gained: int
    """Articles that would come to be on it."""
    gained_off_topic: int
    """Entries of `ops.off_topic` that would come in."""
    lost: int
    examples: tuple[Example, ...]


@dataclass(slots=True)
class TrialReport:
    """What a trial did and found; printed by `silkwire replay --ruleset --json` as it stands."""

    ruleset: str
    in_force: str | None
    """The version that decides now."""
    texts_judged: int = 0
    """By this run; what was judged before is not judged again."""
    off_topic_judged: int = 0
    off_topic_unread: int = 0
    """Could not be judged: without a summary, and their documents are gone from the archive."""
    archive: ArchiveReading = field(default_factory=ArchiveReading)
    """By this run, likewise."""
    topics: list[TopicChange] = field(default_factory=list)


def try_rules(
    ctx: Context,
    ruleset: Ruleset,
    *,
    selection: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> TrialReport:
    """Have `ruleset` judge every text of core and every entry off topic that is selected, older
    ones as the archive has them.

    Nothing that is in force changes.
    """
    with batches.hold_lock(ctx.engine, TRIAL_LOCK, is_waiting=True):
        report = judge_all(ctx, ruleset, selection=selection, archived=selection, progress=progress)
    with ctx.engine.begin() as conn:
        report.topics = read_changes(conn, ruleset)
    return report


def judge_all(
    ctx: Context,
    ruleset: Ruleset,
    *,
    selection: Selection = EVERYTHING,
    archived: Selection = EVERYTHING,
    progress: Progress = SILENT,
) -> TrialReport:
    """As `try_rules`, for who holds the lock; the report is without topics.

    Of the archive only what is `archived` is read.
    """
    with ctx.engine.begin() as conn:
        key = rulesets.register_ruleset(conn, ruleset.version, now=ctx.now())
        rulesets.note_trial(conn, ruleset.version, now=ctx.now())
        report = TrialReport(ruleset.version, rulesets.find_in_force(conn))
        texts = articles.find_unjudged(conn, key, selection)
        entry_count = off_topic.count_unjudged(conn, key, selection)
    progress.start("judge", texts.count + entry_count)
    left = texts if texts.count else None
    while left is not None:
        with ctx.engine.begin() as conn:
            first_key, now = left.first_key, ctx.now()
            left = articles.judge_chunk(
                conn, ruleset, key, first_key=first_key, selection=selection, now=now
            )
        if left is not None:
            report.texts_judged += left.count
            progress.advance(left.count)
    last, is_left = off_topic.START, entry_count > 0
    while is_left:
        judged = off_topic.judge_chunk(ctx, ruleset, key, after=last, selection=selection)
        is_left, last = judged.last != last, judged.last
        report.off_topic_judged += judged.count
        report.off_topic_unread += judged.unread_count
        progress.advance(judged.count + judged.unread_count)
    progress.finish(
        f"{report.texts_judged:,} texts and {report.off_topic_judged:,} entries off topic"
    )
    report.archive = judge_archive(ctx, ruleset, key, selection=archived, progress=progress)
    return report


def read_changes(conn: Connection, ruleset: Ruleset) -> list[TopicChange]:
    """What `mart.ruleset_changes` says of these rules, topic by topic."""
    on_topic = {row.topic: row.amount for row in conn.execute(text(_ON_TOPIC))}
    counts: dict[tuple[str, str, bool], int] = {}
    examples: dict[str, list[Example]] = {}
    values = {"version": ruleset.version, "examples": _EXAMPLES}
    for row in conn.execute(text(_CHANGES), values):
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


_ON_TOPIC = """
SELECT topic, count(DISTINCT article_key) AS amount FROM mart.topic_decisions WHERE is_match
GROUP BY topic
"""

# How many there are of each kind, and a few of them.
_CHANGES = """
SELECT * FROM (
    SELECT
        topic, change, article_key IS NULL AS is_off_topic, title, url,
        CASE change WHEN 'lost' THEN words_before ELSE words_after END AS words,
        count(*) OVER kind AS amount,
        row_number() OVER (kind ORDER BY first_seen_at DESC, url, title) AS place
    FROM mart.ruleset_changes WHERE ruleset_after = :version
    WINDOW kind AS (PARTITION BY topic, change, article_key IS NULL)
) AS shown
WHERE place <= :examples ORDER BY topic, change, is_off_topic, place
"""
