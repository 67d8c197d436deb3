"""Which errors of silkwire make Airflow retry a task."""

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule


def retry_all_but(*errors: str) -> ExceptionRetryPolicy:
    """A task's retry policy: the named classes of `silkwire.errors` fail it at once.

    They are names because an import would slow down the parsing of DAG files.
    """
    paths: list[type[BaseException] | str] = [f"silkwire.errors.{name}" for name in errors]
    reason = "A retry would fail in the same way"
    return ExceptionRetryPolicy([RetryRule(paths, RetryAction.FAIL, reason=reason)])
