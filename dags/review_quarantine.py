"""Ask a person to release or reject a held batch.

| task | does |
|---|---|
| ask | shows why the batch is held, with samples of its records, and waits for an answer |
| decide | releases or rejects the batch, once, in the name of the user who answered |

**Answer** under *Required Actions*, in Airflow's navigation or on the page of the run. There is no
default answer and no time limit. You can also decide with `silkwire quarantine release` or
`silkwire quarantine reject`; then the request closes within seconds and the run ends by itself.

**Start.** Each run of `ingest_feeds` starts a run of this DAG for each held batch that has none,
whether Airflow or the command line made the batch. The run id is the batch id. If an answer cannot
be carried out, `decide` fails with the reason, and the next run of `ingest_feeds` asks again.

**Safe to run again.** A batch that is decided is not changed.

**Asset.** A release emits an event of `silkwire_articles` with the loaded rows, as a load does.
"""

from datetime import UTC, datetime, timedelta

from airflow.sdk import Asset, Param, dag, get_current_context, task

from silkwire.airflow import ingest_tasks, review_tasks
from silkwire.airflow.links import ARTICLES
from silkwire.airflow.retries import retry_all_but
from silkwire.airflow.review_operator import ReviewOperator

BATCH_ID = "{{ params.batch_id }}"
ASSET = Asset("silkwire_articles")


@dag(
    schedule=None,
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1000,  # a run that waits for a person takes no worker
    default_args={
        "retries": 2,
        "retry_delay": timedelta(seconds=20),
        "retry_policy": retry_all_but("ConfigError", "BatchError"),
    },
    params={
        "batch_id": Param(
            type="string",
            pattern="^[A-Za-z0-9-]+$",
            maxLength=100,
            title="Batch",
            description="The id of a held batch, from `silkwire quarantine list`.",
        ),
    },
    tags=["silkwire", "quality"],
    doc_md=__doc__,
)
def review_quarantine():
    # If an answer arrives before the scheduler knows that the task waits, the try ends and the
    # next one asks again: hence five retries.
    asked = ReviewOperator(task_id="ask", batch_id=BATCH_ID, retries=5)

    @task(outlets=[ASSET], execution_timeout=timedelta(hours=1))
    def decide(batch_id: str, answer: dict):
        report = review_tasks.settle_batch(batch_id, answer)
        get_current_context()["outlet_events"][ASSET].extra = ingest_tasks.describe_articles(
            batch_id
        )
        return report

    decide(BATCH_ID, asked.output).operator.operator_extra_links = [ARTICLES]


review_quarantine()
