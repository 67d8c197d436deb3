"""Refresh table statistics and Data Docs, which the load does not. Runs after each loaded batch.

| task | does |
|---|---|
| refresh_statistics | runs ANALYZE on the tables that changed, so that queries are planned well |
| build_docs | builds Data Docs: pages of the latest results of Great Expectations |

The marts are views, so they are always up to date. Data Docs are in Airflow's navigation and in the
folder `data-docs` under the data URL; they show the last 14 runs of each suite.

**Safe to run again.** Both tasks build everything again. If several batches end during a
run, one more run serves all of them.
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
