"""Use Great Expectations: validate a frame with a suite and get the failing row numbers.

Each process has one ephemeral context: no project folder, temporary sites, analytics or progress
bars.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from silkwire.errors import ValidationError
from silkwire.validate.engine.importing import import_great_expectations
from silkwire.validate.suites.checks import Check

if TYPE_CHECKING:
    import pandas as pd
    from great_expectations.core.batch_definition import BatchDefinition
    from great_expectations.core.expectation_validation_result import (
        ExpectationValidationResult,
    )
    from great_expectations.validator.v1_validator import Validator

RESULT_FORMAT = {
    "result_format": "COMPLETE",
    # Great Expectations returns the frame's own index completely. Named index columns would cost a
    # dictionary for each failing row (20 times the time at 100,000), and `unexpected_list` ends at
    # 200 values.
    "exclude_unexpected_values": True,
    "return_unexpected_index_query": False,
    "partial_unexpected_count": 0,
}


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One check over one frame: the index labels of all rows that fail it."""

    check: Check
    element_count: int
    failing: tuple[int, ...]


def validate_frame(suite: Sequence[Check], frame: "pd.DataFrame") -> tuple[CheckResult, ...]:
    """Every check of `suite` over `frame`, whose index must be unnamed and unique.

    The first pass asks only whether each check holds, the second which rows fail those that do not:
    this halves the time of a small frame. Raises ValidationError if an expectation itself fails:
    then nothing is known of any record.
    """
    from great_expectations.validator.v1_validator import Validator

    # One validator for both passes: each new one, or Batch.validate(), hashes the whole frame.
    validator = Validator(open_asset(), batch_parameters={"dataframe": frame})
    held = _validate(validator, tuple(suite), {"result_format": "BOOLEAN_ONLY"})
    broken = tuple(check for check in suite if not held[check.name].success)
    found = _validate(validator, broken, RESULT_FORMAT) if broken else {}
    return tuple(
        CheckResult(
            check,
            len(frame),
            _read_failing(check, found[check.name]) if check.name in found else (),
        )
        for check in suite
    )


def _validate(
    validator: "Validator", suite: tuple[Check, ...], result_format: dict[str, Any]
) -> dict[str, "ExpectationValidationResult"]:
    validator.result_format = result_format
    return read_results(suite, validator.validate_expectation_suite(build_suite(suite)))


def read_results(suite: Sequence[Check], outcome: Any) -> dict[str, "ExpectationValidationResult"]:
    """Results of a suite by the names of its checks; ValidationError if one was not validated."""
    results = {result.expectation_config.meta["name"]: result for result in outcome.results}
    for check in suite:
        result = results.get(check.name)
        message = "no result" if result is None else _find_exception(result.exception_info)
        if message is not None:
            raise ValidationError(f"Great Expectations could not validate {check.name}: {message}")
    return results


def _find_exception(info: Any) -> str | None:
    """The message of an expectation that raised; `info` is one record, or one for each metric."""
    records = [info] if "raised_exception" in info else list(info.values())
    messages = [record["exception_message"] for record in records if record["raised_exception"]]
    return str(messages[0]) if messages else None


def _read_failing(check: Check, result: "ExpectationValidationResult") -> tuple[int, ...]:
    labels = result.result["unexpected_index_list"]
    if not labels or result.result["unexpected_count"] != len(labels):
        raise ValidationError(f"Great Expectations did not name every row that fails {check.name}")
    return tuple(int(label) for label in labels)


def make_context(sites: dict[str, Any] | None = None) -> Any:
    """A new ephemeral context, with these Data Docs sites."""
    great_expectations = import_great_expectations()
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        analytics_enabled=False,
        progress_bars=ProgressBarsConfig(globally=False, metric_calculations=False),
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        data_docs_sites=sites,
    )
    return great_expectations.get_context(mode="ephemeral", project_config=config)


@cache
def open_context() -> Any:
    """The context of this process in which frames and the warehouse are validated."""
    return make_context()


@cache
def open_asset() -> "BatchDefinition[Any]":
    """What frames are validated as; imports Great Expectations, some seconds in a new process."""
    asset = open_context().data_sources.add_pandas("silkwire").add_dataframe_asset("frame")
    whole: BatchDefinition[Any] = asset.add_batch_definition_whole_dataframe("whole")
    return whole


@lru_cache(maxsize=32)
def build_suite(checks: tuple[Check, ...]) -> Any:
    """The checks as a suite of Great Expectations, with their rules and reasons."""
    return import_great_expectations().ExpectationSuite(
        "silkwire", expectations=[_build_expectation(check) for check in checks]
    )


def _build_expectation(check: Check) -> Any:
    from great_expectations.expectations.registry import get_expectation_impl

    from silkwire.validate.suites.expectations import define_expectations

    define_expectations()
    arguments: dict[str, Any] = {**_name_columns(check), **check.options}
    arguments["meta"] = {"name": check.name, "rule": check.rule, "why": check.why}
    return get_expectation_impl(check.expectation)(**arguments)


def _name_columns(check: Check) -> dict[str, Any]:
    columns = check.columns_read
    if check.expectation.startswith("expect_column_pair_"):
        return {"column_A": columns[0], "column_B": columns[1]}
    if check.expectation.startswith("expect_compound_"):
        return {"column_list": list(columns)}
    return {"column": columns[0]}
