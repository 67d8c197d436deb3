"""Bring up to date what is computed apart from the load, whenever a batch was loaded.

| task | does |
|---|---|
| refresh_statistics | PostgreSQL's statistics of tables that changed, for quick queries |
| build_docs | Data Docs: pages of what Great Expectations found in the last batches |

The marts themselves are views and are always up to date. Data Docs are in the navigation, or in the
folder `data-docs` under the data URL; they hold the last 14 runs of each suite. Safe to run again:
both tasks only renew. When batches come faster than this, the next run serves all of them.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, dag, task

from silkwire.airflow import ingest_tasks
from silkwire.airflow.links import DATA_DOCS
from silkwire.airflow.retries import retry_all_but


@dag(
    schedule=Asset("silkwire_articles"),
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=30),
    default_args={
        "retries": 1,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": retry_all_but("ConfigError"),
        "execution_timeout": timedelta(minutes=10),
    },
    tags=["silkwire", "quality"],
    doc_md=__doc__,
)
def refresh_marts():
    @task
    def refresh_statistics():
        return ingest_tasks.refresh_statistics()

    @task
    def build_docs():
        return ingest_tasks.build_docs()

    refresh_statistics()
    build_docs().operator.operator_extra_links = [DATA_DOCS]


refresh_marts()
