"""Pull the feeds that are due, keep what is on topic, load the warehouse.

| task | does |
|---|---|
| plan | brings the feeds in line with `config/feeds.opml`, leases those that are due, in shards |
| fetch | reads a shard's feeds over HTTP and archives every answer; a feed that fails is a row |
| parse | reads the entries in what was fetched |
| match | decides for every entry which topics it is on, and why |
| validate | lets Great Expectations judge the entries; those that fail go to quarantine |
| load | writes all of it to the warehouse in one transaction |

Safe to run again: the batch id derives from the run id, fetches are conditional, loads are upserts,
and clearing a finished run changes nothing. A mistake in the configuration fails at once; anything
else that is ours, such as a database that is away, is tried twice more.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import (
    Asset,
    Context,
    ExceptionRetryPolicy,
    RetryAction,
    RetryRule,
    TriggerRule,
    chain,
    dag,
    get_current_context,
    task,
)

from silkwire import tasks

ARTICLES = Asset("silkwire_articles")
BATCH_ID = "{{ ti.xcom_pull(task_ids='plan', key='batch_id') }}"

RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            exception=["silkwire.errors.ConfigError", "silkwire.errors.BatchError"],
            action=RetryAction.FAIL,
            reason="Another try would find the same",
        )
    ]
)


@dag(
    schedule="*/10 * * * *",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(minutes=60),
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": RETRIES,
        "execution_timeout": timedelta(minutes=20),
    },
    tags=["silkwire", "ingest"],
    doc_md=__doc__,
)
def ingest_feeds():
    # a return type of dict would have Airflow cut each report into an XCom a key
    @task
    def plan():
        context = get_current_context()
        planned = tasks.plan_batch(context["run_id"])
        context["ti"].xcom_push("batch_id", planned["batch_id"])
        return planned["shards"]

    @task(map_index_template="shard {{ task.op_kwargs['shard'] }}")
    def fetch(batch_id: str, shard: int):
        return tasks.fetch_shard(batch_id, shard, name_task(get_current_context()))

    # without a feed that is due there is no shard, and the batch still ends
    @task(trigger_rule=TriggerRule.NONE_FAILED)
    def parse(batch_id: str):
        return tasks.parse_batch(batch_id)

    @task
    def match(batch_id: str):
        return tasks.match_batch(batch_id)

    @task
    def validate(batch_id: str):
        return tasks.validate_batch(batch_id)

    @task(outlets=[ARTICLES])
    def load(batch_id: str):
        report = tasks.load_batch(batch_id)
        get_current_context()["outlet_events"][ARTICLES].extra = report
        return report

    chain(
        fetch.partial(batch_id=BATCH_ID).expand(shard=plan()),
        parse(BATCH_ID),
        match(BATCH_ID),
        validate(BATCH_ID),
        load(BATCH_ID),
    )


def name_task(context: Context) -> dict:
    """What `ops.fetch` keeps of the task, so that a row leads back to its log."""
    ti = context["ti"]
    return {
        "dag_id": ti.dag_id,
        "run_id": ti.run_id,
        "task_id": ti.task_id,
        "map_index": ti.map_index,
        "try_number": ti.try_number,
    }


ingest_feeds()
