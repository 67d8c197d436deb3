"""Data Docs: kept results as pages of Great Expectations that need no network.

Results are read from `ops.expectation_result` and handed to Great Expectations' site builder. Each
has our rule as its text and the number of failing records as the observed value: no publisher's
text is on these pages.
"""

import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from silkwire.model import ExpectationResult
from silkwire.validate.data_docs.offline import IndexRow, make_offline, make_offline_index
from silkwire.validate.engine.gx import make_context
from silkwire.validate.suites.batch import FEED_SUITE, Limits, build_batch_suite
from silkwire.validate.suites.checks import Check
from silkwire.validate.suites.entry import ENTRY_SUITE, KEY_SUITE
from silkwire.validate.suites.warehouse import build_warehouse_suite

Checks = Mapping[tuple[str, str], Check]
_ASSETS = {"entry": "entries of batch", "batch": "batch", "warehouse": "warehouse, check"}


@dataclass(frozen=True, slots=True)
class KeptRun:
    """The results of one suite on one batch, or on the warehouse."""

    run_id: str
    suite: str
    run_at: datetime
    results: tuple[ExpectationResult, ...]


def list_checks(limits: Limits, stale_minutes: float) -> Checks:
    """Every check by suite and name."""
    relations = build_warehouse_suite(stale_minutes=stale_minutes)
    suites: dict[str, Sequence[Check]] = {
        "entry": (*ENTRY_SUITE, *KEY_SUITE),
        "batch": (*build_batch_suite(limits), *FEED_SUITE),
        "warehouse": [check for relation in relations for check in relation.checks],
    }
    return {(suite, check.name): check for suite, checks in suites.items() for check in checks}


def build_site(runs: Sequence[KeptRun], checks: Checks, folder: Path, *, now: datetime) -> int:
    """Write the pages into `folder`, which must be empty; return how many there are.

    Results of an expectation that silkwire no longer has are left out.
    """
    runs = [
        replace(run, results=tuple(r for r in run.results if (run.suite, r.expectation) in checks))
        for run in runs
    ]
    context = _open_site(folder)
    from great_expectations import ExpectationSuite

    described = {key: _describe(key[1], check) for key, check in checks.items()}
    for suite in sorted({suite for suite, _ in checks}):
        expectations = [d for (of_suite, _), d in described.items() if of_suite == suite]
        context.suites.add(ExpectationSuite(suite, expectations=expectations))
    for run in runs:
        _add_run(context, run, described)
    context.build_data_docs()
    return _finish(folder, runs, checks, now)


def _finish(folder: Path, runs: Sequence[KeptRun], checks: Checks, now: datetime) -> int:
    pages = [path for path in folder.rglob("*.html") if path.name != "index.html"]
    for path in pages:
        home = "../" * (len(path.relative_to(folder).parts) - 1) + "index.html"
        path.write_text(make_offline(path.read_text("utf-8"), home), "utf-8")
    shutil.rmtree(folder / "static")
    rows = [
        IndexRow(run.suite, run.run_id, run.run_at, len(run.results), _explain(run, checks), page)
        for run in runs
        if (page := _find_page(folder, run))
    ]
    suites = sorted(
        path.relative_to(folder).as_posix() for path in pages if "expectations" in path.parts
    )
    (folder / "index.html").write_text(make_offline_index(rows, suites, now=now), "utf-8")
    return len(pages) + 1


def _explain(run: KeptRun, checks: Checks) -> tuple[str, ...]:
    """A line for each failed expectation: its rule, and how many of all records fail it."""
    return tuple(
        f"{checks[run.suite, result.expectation].rule}: not so for {describe_count(result)}"
        for result in run.results
        if not result.is_success
    )


def _find_page(folder: Path, run: KeptRun) -> str | None:
    found = (folder / "validations" / run.suite / _name_page(run.run_id)).rglob("*.html")
    return next((path.relative_to(folder).as_posix() for path in sorted(found)), None)


def _name_page(run_id: str) -> str:
    """A run's id as part of a path and an address."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", run_id)


def _open_site(folder: Path) -> Any:
    site = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    return make_context({"silkwire": site})


@cache
def _define_rule() -> Any:
    """An expectation that shows a rule; its results come from elsewhere."""
    from great_expectations.expectations.expectation import ColumnAggregateExpectation

    class ExpectRecordsToSatisfyRule(ColumnAggregateExpectation):
        metric_dependencies = ()
        library_metadata: Any = {}  # noqa: RUF012  as the base class has it

        def _validate(self, *_: Any, **__: Any) -> Any:
            raise NotImplementedError("Data Docs show rules and validate nothing")

    return ExpectRecordsToSatisfyRule


def _describe(name: str, check: Check) -> Any:
    rule = check.rule[0].upper() + check.rule[1:]
    notes = [check.why, f"Validated as {check.expectation}, under the name {name}."]
    return _define_rule()(column=check.column, description=rule, notes=notes, meta={"name": name})


def _add_run(context: Any, run: KeptRun, described: Mapping[tuple[str, str], Any]) -> None:
    import great_expectations
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
    )
    from great_expectations.core.run_identifier import RunIdentifier
    from great_expectations.data_context.types.resource_identifiers import (
        ExpectationSuiteIdentifier,
        ValidationResultIdentifier,
    )

    results = [
        _make_result(result, described[run.suite, result.expectation]) for result in run.results
    ]
    passed = sum(bool(result.success) for result in results)
    identifier = RunIdentifier(run_name=_name_page(run.run_id), run_time=run.run_at)
    context.validation_results_store.set(
        ValidationResultIdentifier(
            ExpectationSuiteIdentifier(run.suite), identifier, _name_page(run.run_id)
        ),
        ExpectationSuiteValidationResult(
            success=passed == len(results),
            results=results,
            suite_name=run.suite,
            statistics={
                "evaluated_expectations": len(results),
                "successful_expectations": passed,
                "unsuccessful_expectations": len(results) - passed,
                "success_percent": 100 * passed / max(len(results), 1),
            },
            meta={
                "run_id": identifier,
                "great_expectations_version": great_expectations.__version__,
                "validation_time": run.run_at.isoformat(),
                "batch_kwargs": {"data_asset_name": f"{_ASSETS[run.suite]} {run.run_id}"},
            },
        ),
    )


def _make_result(result: ExpectationResult, expectation: Any) -> Any:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult

    return ExpectationValidationResult(
        success=result.is_success,
        expectation_config=expectation.configuration,
        result={"observed_value": describe_count(result)},
        exception_info={
            "raised_exception": False,
            "exception_traceback": None,
            "exception_message": None,
        },
        meta={},
    )


def describe_count(result: ExpectationResult) -> str:
    """How many of all records fail the rule, such as `3 of 1,000 (0.30%)`."""
    if not result.unexpected_count:
        return f"none of {result.element_count:,}"
    share = result.unexpected_count / max(result.element_count, 1)
    return f"{result.unexpected_count:,} of {result.element_count:,} ({share:.2%})"
