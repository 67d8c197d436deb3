"""Validate the warehouse itself with Great Expectations and keep the results."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from silkwire.pipeline.batch.context import Context
from silkwire.validate.engine.tables import CheckedExpectation, validate_warehouse
from silkwire.validate.suites.warehouse import build_warehouse_suite
from silkwire.warehouse.tables.results import save_results


@dataclass(frozen=True, slots=True)
class WarehouseCheck:
    """The results of one check, kept as batch `run_id` in `ops.expectation_result`."""

    run_id: str
    checked: tuple[CheckedExpectation, ...]

    @property
    def failed(self) -> tuple[CheckedExpectation, ...]:
        return tuple(found for found in self.checked if not found.result.is_success)


def check_warehouse(ctx: Context) -> WarehouseCheck:
    """Validate with the `warehouse` suite; a failed expectation is a value, not an exception."""
    now = ctx.now()
    suite = build_warehouse_suite(stale_minutes=ctx.settings.status_stale_minutes)
    checked = validate_warehouse(ctx.engine, suite, now=now)
    run_id = f"warehouse-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"
    with ctx.engine.begin() as conn:
        save_results(conn, run_id, [found.result for found in checked], now=now)
    return WarehouseCheck(run_id, checked)


def describe_failures(failed: Iterable[CheckedExpectation]) -> str:
    """One line per failed expectation, for a log or a terminal."""
    return "\n".join(
        f"{found.check.name}: {found.result.unexpected_count} of {found.result.element_count}"
        f" rows; expected: {found.check.rule}"
        + (f" ({found.relation.key} {', '.join(found.examples)})" if found.examples else "")
        for found in failed
    )
