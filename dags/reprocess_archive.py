"""Load again from the archive what the warehouse lacks, or try rules on it: by hand, offline.

| task | does |
|---|---|
| split | divides the archive's history into parts, oldest first; one for a trial |
| replay | parses, matches, validates and loads a part, as it was done then; or tries rules |

One part after the other, since what is an edit, and who had an article first, depends on what
came before. A part first loads what is missing of the parts before it, so that nothing is left out
where one has failed. What the warehouse has already stays as it is: safe to run again, and a run
that was ended goes on where it was. A fetch older than what its feed has loaded since is left out
(`superseded`), so **pause `ingest_feeds` while an empty warehouse is filled**.

Trigger it with `since` and `until` (only what was fetched from then on, before then), and `feeds`
(only these, as listed); with none of them everything is loaded. By hand: `silkwire replay`.

With `ruleset` (a folder that the workers can read, or a version) nothing is loaded: `replay` then
tries these topic rules on what the warehouse and the archive hold, and `mart.ruleset_changes` says
what they would gain and lose. By hand: `silkwire replay --ruleset`.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Param,
    dag,
    get_current_context,
    task,
)

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
            description="Only what was fetched from then on.",
        ),
        "until": Param(
            None,
            type=["null", "string"],
            format="date-time",
            title="Until",
            description="Only what was fetched before then.",
        ),
        "feeds": Param(
            [],
            type=["null", "array"],
            items={"type": "string", "pattern": "^https?://", "maxLength": 2000},
            uniqueItems=True,
            title="Feeds",
            description="Only these, by their urls as listed, one a line; none means all.",
        ),
        "ruleset": Param(
            None,
            type=["null", "string"],
            maxLength=1000,
            title="Ruleset",
            description="Load nothing, but try these topic rules: a folder, or a version.",
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
