"""Check the warehouse with Great Expectations, and apply the retention settings. Runs once a day.

| task | does |
|---|---|
| check | checks keys, sums, duplicates, gaps, freshness and volume; fails if an expectation fails |
| clean | removes what is older than the settings `SILKWIRE_KEEP_*` allow; articles always stay |

The task's log shows each failed expectation with examples. The results are also in
`ops.expectation_result` (suite `warehouse`), in `mart.data_quality_daily` and in Data Docs. If an
expectation fails, the task is not retried, because a retry would fail in the same way.

`clean` removes old off-topic entries, old records and batch files that are decided, old months of
`ops.fetch` and `ops.expectation_result`, and old archive files.

**By hand:** `silkwire db check` and `silkwire db clean`.

**Safe to run again.** A check only adds its results. A second `clean` finds nothing to remove.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import dag, task

from silkwire.airflow import ingest_tasks
from silkwire.airflow.links import DATA_DOCS
from silkwire.airflow.retries import retry_all_but


@dag(
    schedule="20 4 * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=60),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": retry_all_but("ConfigError", "ValidationError"),
        "execution_timeout": timedelta(minutes=45),
    },
    tags=["silkwire", "quality"],
    doc_md=__doc__,
)
def check_warehouse():
    @task
    def check():
        return ingest_tasks.check_warehouse()

    @task
    def clean():
        return ingest_tasks.clean()

    check().operator.operator_extra_links = [DATA_DOCS]
    clean()


check_warehouse()
