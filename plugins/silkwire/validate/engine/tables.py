"""Validate the warehouse with Great Expectations over SQLAlchemy: what fails, with examples."""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from silkwire.errors import ValidationError
from silkwire.model import ExpectationResult
from silkwire.validate import suites
from silkwire.validate.engine.gx import build_suite, open_context, read_results
from silkwire.validate.suites.checks import Check, refuse_unknown_columns
from silkwire.validate.suites.warehouse import Relation

SUITE_NAME = "warehouse"
EXAMPLES = 5
_FOLDER = Path(suites.__file__).with_name("relations")


@dataclass(frozen=True, slots=True)
class CheckedExpectation:
    """One check of the warehouse, with the keys of some rows that fail it."""

    check: Check
    relation: Relation
    result: ExpectationResult
    examples: tuple[str, ...] = ()


def validate_warehouse(
    engine: Engine, suite: Sequence[Relation], *, now: datetime
) -> tuple[CheckedExpectation, ...]:
    """Validate every check of `suite`. It only reads, and each relation has its own statements.

    Raises ValidationError if a relation does not fit the schema or lacks a column, before anything
    is validated; and if an expectation itself fails.
    """
    queries = {relation.name: read_relation(relation.name, now) for relation in suite}
    for relation in suite:
        _refuse_broken(engine, relation, queries[relation.name])
    source = _connect(engine)
    try:
        return tuple(
            checked
            for relation in suite
            for checked in _validate_relation(source, relation, queries[relation.name])
        )
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()


def read_relation(name: str, now: datetime) -> str:
    """The query of a relation, as Great Expectations takes it.

    That has no parameters, so `now` is written into the query, and it must not begin with WITH.
    """
    query = (_FOLDER / f"{name}.sql").read_text("utf-8")
    query = re.sub(r":now\b", f"CAST('{now.isoformat()}' AS timestamptz)", query)
    return f"SELECT * FROM (\n{query}) AS relation"  # noqa: S608


def _refuse_broken(engine: Engine, relation: Relation, query: str) -> None:
    """Great Expectations may pass over a typo, so it is found here."""
    try:
        with engine.connect() as conn:
            columns = tuple(conn.execute(text(f"{query} LIMIT 0")).keys())
    except SQLAlchemyError as exc:
        reason = str(getattr(exc, "orig", None) or exc).splitlines()[0]
        raise ValidationError(
            f"relations/{relation.name}.sql does not fit this warehouse: {reason}"
        ) from exc
    if relation.key not in columns:
        raise ValidationError(f"relations/{relation.name}.sql has no column {relation.key}")
    refuse_unknown_columns(relation.checks, columns)


def _connect(engine: Engine) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it advises `add_postgres`, which refuses sockets
        return open_context().data_sources.add_or_update_sql(
            "warehouse",
            connection_string=engine.url.render_as_string(hide_password=False),
            kwargs={"execution_options": {"postgresql_readonly": True}, "hide_parameters": True},
        )


def _validate_relation(source: Any, relation: Relation, query: str) -> list[CheckedExpectation]:
    if relation.name in {asset.name for asset in source.assets}:
        source.delete_asset(relation.name)
    asset = source.add_query_asset(relation.name, query=query)
    outcome = (
        asset.add_batch_definition_whole_table("all")
        .get_batch()
        .validate(
            build_suite(relation.checks),
            result_format={
                "result_format": "SUMMARY",
                "unexpected_index_column_names": [relation.key],
                "return_unexpected_index_query": False,
                "partial_unexpected_count": EXAMPLES,
            },
        )
    )
    results = read_results(relation.checks, outcome)
    return [_describe(relation, check, results[check.name]) for check in relation.checks]


def _describe(relation: Relation, check: Check, result: Any) -> CheckedExpectation:
    details = result.result
    counted = ExpectationResult(
        SUITE_NAME,
        check.name,
        check.column,
        bool(result.success),
        int(details["element_count"]),
        int(details["unexpected_count"] or 0),  # a sum over no rows is NULL
    )
    rows = details.get("partial_unexpected_index_list") or ()
    examples = tuple(str(row[relation.key]) for row in rows)[:EXAMPLES]
    return CheckedExpectation(check, relation, counted, examples)
