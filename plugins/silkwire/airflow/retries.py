"""Which errors of ours Airflow tries again."""

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule


def retry_all_but(*errors: str) -> ExceptionRetryPolicy:
    """A task's policy: these errors of `silkwire.errors` fail at once, others are tried again.

    By their names: to import them would slow the reading of DAG files down.
    """
    paths: list[type[BaseException] | str] = [f"silkwire.errors.{name}" for name in errors]
    reason = "Another try would find the same"
    return ExceptionRetryPolicy([RetryRule(paths, RetryAction.FAIL, reason=reason)])
