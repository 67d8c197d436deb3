"""Pull the feeds that are due, keep what is on topic, load the warehouse.

| task | does |
|---|---|
| plan | brings the feeds in line with `config/feeds.opml`, leases those that are due, in shards |
| fetch | reads a shard's feeds over HTTP and archives every answer; a feed that fails is a row |
| parse | reads the entries in what was fetched |
| match | decides for every entry which topics it is on, and why |
| validate | lets Great Expectations judge the entries; those that fail go to quarantine |
| load | writes all of it to the warehouse in one transaction |
| tell | sends what fits `config/watches.yaml`, and tells operators what needs a person |
| find_held | looks for held batches, of Airflow or the command line, that nobody is asked about |
| ask_for_review | starts a run of `review_quarantine` for each of them; mostly there is none |

Safe to run again: the batch id derives from the run id, fetches are conditional, loads are upserts,
and clearing a finished run changes nothing. A mistake in the configuration fails at once; anything
else that is ours, such as a database that is away, is tried twice more. Operators are told of a run
that is not done 30 minutes after it was queued; after an hour it is ended, and the next one resumes
what it left.

Shards are fetched in the pool `silkwire_fetch`: its slots say how many at once, and can be changed
while this runs. `silkwire up` and the containers make it (8 slots); in an Airflow of your own,
`airflow pools set silkwire_fetch 8 "Shards of feeds"` does, and without it fetches wait for ever.

The asset `silkwire_articles` carries `batch_id`, `verdict`, `rows` (inserted, revised, variant) and
`watermark`, the `loaded_at` of these rows.
"""

from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import (
    Asset,
    AsyncCallback,
    Context,
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
            "silkwire.airflow.ingest_tasks.tell_late",
            {"dag_id": "ingest_feeds", "minutes": DEADLINE_MINUTES},
        ),
    ),
    tags=["silkwire", "ingest"],
    doc_md=__doc__,
)
def ingest_feeds():
    # a return type of dict would have Airflow cut each report into an XCom a key
    @task
    def plan():
        context = get_current_context()
        planned = ingest_tasks.plan_batch(context["run_id"])
        context["ti"].xcom_push("batch_id", planned["batch_id"])
        return planned["shards"]

    @task(
        map_index_template="{{ task.op_kwargs['hosts'] }}",
        pool="silkwire_fetch",
    )
    def fetch(batch_id: str, shard: int, hosts: str):
        return ingest_tasks.fetch_shard(batch_id, shard, name_task(get_current_context()))

    # without a feed that is due there is no shard, and the batch still ends
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
        return ingest_tasks.tell()

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
