"""Check the warehouse itself, once a day, with Great Expectations, and remove what is old.

| task | does |
|---|---|
| check | judges keys, sums, duplicates, gaps, freshness and volume; fails if one does not hold |
| clean | removes old off-topic entries, records and batch files that are decided, months, archive |

What fails is in the task's log with examples, in `ops.expectation_result` (suite `warehouse`), in
`mart.data_quality_daily` and in Data Docs; another try would find the same, so there is none. How
long things are kept is in the settings `SILKWIRE_KEEP_*`; articles stay. By hand:
`silkwire db check` and `silkwire db clean`. Safe to run again: checking reads, and adds a row for
each expectation; what is gone is gone.
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
