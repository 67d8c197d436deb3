"""Custom expectations: questions about texts that Great Expectations has no expectation for."""

import types
from collections.abc import Callable
from functools import cache
from typing import Any

from silkwire.validate.suites.predicates import is_web_url, is_without_login, says_something

PREDICATES: dict[str, Callable[[str], bool]] = {
    "be_web_urls": is_web_url,
    "be_urls_without_login": is_without_login,
    "say_something": says_something,
}


@cache
def define_expectations() -> dict[str, Any]:
    """Register `expect_column_values_to_<name>` for every predicate; return the classes by name.

    Defining a class registers it. That is in a function because importing Great Expectations takes
    seconds.
    """
    return {name: _define_expectation(name, asks) for name, asks in PREDICATES.items()}


def _define_expectation(name: str, asks: Callable[[str], bool]) -> Any:
    from great_expectations.execution_engine.pandas_execution_engine import (
        PandasExecutionEngine,
    )
    from great_expectations.expectations.expectation import ColumnMapExpectation
    from great_expectations.expectations.metrics.map_metric_provider.column_condition_partial import (  # noqa: E501
        column_condition_partial,
    )
    from great_expectations.expectations.metrics.map_metric_provider.column_map_metric_provider import (  # noqa: E501
        ColumnMapMetricProvider,
    )

    metric = f"column_values.silkwire_{name}"

    class _Metric(ColumnMapMetricProvider):
        condition_metric_name = metric

        @column_condition_partial(engine=PandasExecutionEngine)
        def _pandas(cls, column: Any, **kwargs: Any) -> Any:  # noqa: N805
            return column.map(asks).astype(bool)

    class_name = "ExpectColumnValuesTo" + "".join(part.title() for part in name.split("_"))
    body = {"map_metric": metric, "__module__": __name__, "__doc__": asks.__doc__}
    return types.new_class(
        class_name, (ColumnMapExpectation,), exec_body=lambda ns: ns.update(body)
    )
