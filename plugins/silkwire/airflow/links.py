"""Links from a task in Airflow's UI to our pages; with the plugin all that knows Airflow.

A DAG gives them to its tasks one by one, so that tasks of other DAGs show nothing of them.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from airflow.sdk import BaseOperatorLink, conf


class ArticlesLink(BaseOperatorLink):
    """What the batch brought; for tasks whose first argument is a batch id."""

    name = "Articles in the Newsroom"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Airflow asks after the task has run, its arguments being rendered."""
        del ti_key
        return f"{_find_root()}/newsroom/?{urlencode({'batch': operator.op_args[0]})}"


class DataDocsLink(BaseOperatorLink):
    """What Great Expectations found."""

    name = "Data Docs"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        del operator, ti_key
        return f"{_find_root()}/data-docs/"


ARTICLES = ArticlesLink()
DATA_DOCS = DataDocsLink()


def _find_root() -> str:
    """The path under which Airflow's pages are, such as `/airflow` behind a proxy."""
    return urlsplit(conf.get("api", "base_url", fallback="")).path.rstrip("/")
