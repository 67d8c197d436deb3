"""Fetch the feeds that are due, keep the entries that are on topic, load them into the warehouse.

| task | does |
|---|---|
| plan | updates `ops.feed` from `config/feeds.opml`, leases the due feeds, puts them into shards |
| fetch | fetches the feeds of one shard over HTTP and archives every answer |
| parse | parses the new documents into entries |
| match | decides the topics of each entry by the topic rules, with evidence |
| validate | validates the entries with Great Expectations |
| load | loads the entries, the quarantined records and the verdict in one transaction |
| tell | sends new articles that a watch of `config/watches.yaml` asks for, and alerts operators |
| find_held | lists the held batches that have no open review, whatever command or DAG made them |
| ask_for_review | starts a run of `review_quarantine` for each of these; usually there is none |

A feed that fails is a row in `ops.fetch`; the batch continues.

**Safe to run again.** The batch id derives from the run id, fetches are conditional, and loads are
upserts. Clearing a finished run changes nothing.

**Failures.** A mistake in the configuration fails the task at once. Any other error, such as a
database that cannot be reached, is retried twice. Operators are notified of a run that is not done
30 minutes after it was queued. Airflow ends it after 60 minutes; the next run resumes its batch.

**Parallel fetches.** Each `fetch` task takes a slot of the pool `silkwire_fetch`. The number of
slots can be changed at any time. `silkwire up` and the containers make the pool, with 8 slots. In
another Airflow, make it once with `airflow pools set silkwire_fetch 8 "Shards of feeds"`: without
the pool, `fetch` tasks wait for ever.

**Asset.** An event of `silkwire_articles` carries `batch_id`, `verdict`, `rows`, `inserted`,
`revised`, `variant` and `watermark`, the `loaded_at` of these rows.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    Asset,
    AsyncCallback,
    DeadlineAlert,
    DeadlineReference,
    TriggerRule,
    chain,
    dag,
    get_current_context,
    task,
)

from silkwire.airflow import ingest_tasks
from silkwire.airflow.links import ARTICLES, DATA_DOCS
from silkwire.airflow.retries import retry_all_but
from silkwire.airflow.review_operator import REVIEW_DAG, find_requests

ASSET = Asset("silkwire_articles")
DEADLINE_MINUTES = 30
TASK = ("dag_id", "run_id", "task_id", "map_index", "try_number")
"""The name of a task that `ops.fetch` stores, so that a row leads to the task's log."""
BATCH_ID = "{{ ti.xcom_pull(task_ids='plan', key='batch_id') }}"


@dag(
    schedule="*/10 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=60),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": retry_all_but("ConfigError", "BatchError"),
        "execution_timeout": timedelta(minutes=20),
    },
    deadline=DeadlineAlert(
        name="late",
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=DEADLINE_MINUTES),
        callback=AsyncCallback(
            "silkwire.airflow.ingest_tasks.notify_late_run",
            {"dag_id": "ingest_feeds", "minutes": DEADLINE_MINUTES},
        ),
    ),
    tags=["silkwire", "ingest"],
    doc_md=__doc__,
)
def ingest_feeds():
    # No return annotations: for `dict`, Airflow would store each key of a report as its own XCom.
    @task
    def plan():
        context = get_current_context()
        planned = ingest_tasks.plan_batch(context["run_id"])
        context["ti"].xcom_push("batch_id", planned["batch_id"])
        return planned["shards"]

    @task(map_index_template="{{ task.op_kwargs['hosts'] }}", pool="silkwire_fetch")
    def fetch(batch_id: str, shard: int, hosts: str):
        ti = get_current_context()["ti"]
        return ingest_tasks.fetch_shard(batch_id, shard, {key: getattr(ti, key) for key in TASK})

    # If no feed is due there is no shard and `fetch` is skipped; the batch must still end.
    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def parse(batch_id: str):
        return ingest_tasks.parse_batch(batch_id)

    @task
    def match(batch_id: str):
        return ingest_tasks.match_batch(batch_id)

    @task
    def validate(batch_id: str):
        return ingest_tasks.validate_batch(batch_id)

    @task(outlets=[ASSET])
    def load(batch_id: str):
        report = ingest_tasks.load_batch(batch_id)
        get_current_context()["outlet_events"][ASSET].extra = ingest_tasks.describe_articles(
            batch_id
        )
        return report

    @task
    def tell():
        return ingest_tasks.notify()

    @task
    def find_held():
        return find_requests(get_current_context()["ti"])

    validated, loaded = validate(BATCH_ID), load(BATCH_ID)
    validated.operator.operator_extra_links = [DATA_DOCS]
    loaded.operator.operator_extra_links = [ARTICLES]
    chain(
        fetch.partial(batch_id=BATCH_ID).expand_kwargs(plan()),
        parse(BATCH_ID),
        match(BATCH_ID),
        validated,
        loaded,
        tell(),
        held := find_held(),
        TriggerDagRunOperator.partial(
            task_id="ask_for_review",
            trigger_dag_id=REVIEW_DAG,
            logical_date=None,
            reset_dag_run=True,
            map_index_template="{{ task.trigger_run_id }}",
        ).expand_kwargs(held),
    )


ingest_feeds()
