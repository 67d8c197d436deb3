"""Ask a person what to do with a held batch: release it, or reject it.

| task | does |
|---|---|
| ask | shows why the batch is held and samples of its records, and waits for an answer |
| decide | releases or rejects it, once, in the name of whoever answered |

The answer is given under *Required Actions*, in the navigation and on the page of the run. There is
no default and no time limit: a held batch waits. `silkwire quarantine release` and `reject` decide
as well; then the request is closed within seconds, and the run ends by itself.

Every run of `ingest_feeds` starts a run of this DAG for each held batch that nobody is asked about,
whether Airflow or the command line brought the batch; the run's id is the batch's. Where an answer
cannot be followed, `decide` fails and says why, and the next run of `ingest_feeds` asks again. Safe
to run again: a batch that is decided stays as it is.

After a release the asset `silkwire_articles` tells of the rows, as it does after a load.
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
    max_active_runs=1000,  # each waits for a person, and takes no worker meanwhile
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
            description="A held batch, as `silkwire quarantine list` names it.",
        ),
    },
    tags=["silkwire", "quality"],
    doc_md=__doc__,
)
def review_quarantine():
    # An answer that comes at once, before Airflow's scheduler has heard that the task waits, ends
    # the try, and the question is asked again.
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
