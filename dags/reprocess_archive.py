"""Replay archived fetches that the warehouse lacks, or try other topic rules. Started by hand.

| task | does |
|---|---|
| split | divides the archive's history into parts, oldest first; a trial is one part |
| replay | parses, matches, validates and loads one part, with the rules that were in force then |

Nothing is fetched from the network.

**Parameters.** `since` and `until` limit the replay to documents that were fetched from one time
until before another; `feeds` limits it to some feeds, by their url in the feed list. Without them
everything is loaded. By hand: `silkwire replay`.

**Order.** Parts run one after another, because edits, and the feed that had an article first,
depend
on earlier parts. Each part first loads what earlier parts left out, so a failed part leaves no gap.
A
fetch is left out (`superseded`) if its feed has loaded a later one, so **pause `ingest_feeds` while
you fill an empty warehouse**.

**Safe to run again.** Rows that the warehouse already has are kept. A stopped run continues.

**Trial.** With `ruleset` (a folder that the workers can read, or a version) nothing is loaded: the
task `replay` matches the stored texts with that ruleset, and `mart.ruleset_changes` shows which
articles it would add and remove. By hand: `silkwire replay --ruleset`.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Param, dag, get_current_context, task

from silkwire.airflow import replay_tasks
from silkwire.airflow.retries import retry_all_but


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    max_active_runs=1,
    dagrun_timeout=timedelta(days=3),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": retry_all_but("ConfigError"),
        "execution_timeout": timedelta(hours=12),
    },
    params={
        "since": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Since",
            description="Replay what was fetched at or after this time; UTC if it names no zone.",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Until",
            description="Replay what was fetched before this time; UTC if it names no zone.",
        ),
        "feeds": Param(
            [],
            type=["null", "array"],
            items={"type": "string", "pattern": "^https?://", "maxLength": 2000},
            uniqueItems=True,
            title="Feeds",
            description="Replay these feeds only: their listed urls, one a line. Empty: all feeds.",
        ),
        "ruleset": Param(
            None,
            type=["null", "string"],
            maxLength=1000,
            title="Ruleset",
            description="Load nothing; try these topic rules instead: a folder or a version.",
        ),
    },
    tags=["silkwire", "by hand"],
    doc_md=__doc__,
)
def reprocess_archive():
    @task
    def split():
        return replay_tasks.split_archive(get_current_context()["params"])

    @task(map_index_template="{{ task.op_kwargs['name'] }}", max_active_tis_per_dagrun=1)
    def replay(name: str, starts_at: str | None, ends_at: str | None):
        return replay_tasks.replay_part(get_current_context()["params"], name, starts_at, ends_at)

    replay.expand_kwargs(split())


reprocess_archive()
