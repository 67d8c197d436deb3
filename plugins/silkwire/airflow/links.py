"""Links from a task in Airflow's UI to the Newsroom and to Data Docs.

The DAG files set them on single tasks, so that tasks of other DAGs do not show them.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from airflow.sdk import BaseOperatorLink, conf


class ArticlesLink(BaseOperatorLink):
    """The batch's articles, for tasks whose first argument is a batch id."""

    name = "Articles in the Newsroom"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Airflow calls this after the task has run, when its arguments are rendered."""
        del ti_key
        return f"{_find_root()}/newsroom/?{urlencode({'batch': operator.op_args[0]})}"


class DataDocsLink(BaseOperatorLink):
    """The results of Great Expectations."""

    name = "Data Docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        del operator, ti_key
        return f"{_find_root()}/data-docs/"


ARTICLES = ArticlesLink()
DATA_DOCS = DataDocsLink()


def _find_root() -> str:
    """The path of Airflow's UI, such as `/airflow` behind a proxy."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
