"""Check the warehouse itself with Great Expectations, and keep what was found."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from silkwire.pipeline.batch.context import Context
from silkwire.validate.engine.tables import CheckedExpectation, validate_warehouse
from silkwire.validate.suites.warehouse import build_warehouse_suite
from silkwire.warehouse.tables.results import save_results


@dataclass(frozen=True, slots=True)
class WarehouseCheck:
    """What one check of the warehouse found; `run_id` is its name in `ops.expectation_result`."""

    run_id: str
    checked: tuple[CheckedExpectation, ...]

    @property
    def failed(self) -> tuple[CheckedExpectation, ...]:
        return tuple(found for found in self.checked if not found.result.is_success)


def check_warehouse(ctx: Context) -> WarehouseCheck:
    """Judge the warehouse with the `warehouse` suite; what fails is a value, not an error."""
    now = ctx.now()
    suite = build_warehouse_suite(stale_minutes=ctx.settings.status_stale_minutes)
    found = WarehouseCheck(name_check(now), validate_warehouse(ctx.engine, suite, now=now))
    with ctx.engine.begin() as conn:
        save_results(conn, found.run_id, [checked.result for checked in found.checked], now=now)
    return found


def name_check(now: datetime) -> str:
    """Such as `warehouse-20261123T042000.000000Z`."""
    return f"warehouse-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}"


def describe_failures(failed: Iterable[CheckedExpectation]) -> str:
    """One line a failed check, for a log or a terminal."""
    return "\n".join(
        f"{found.check.name}: {found.result.unexpected_count} of {found.result.element_count}"
        f" rows; expected: {found.check.rule}"
        + (f" ({found.relation.key} {', '.join(found.examples)})" if found.examples else "")
        for found in failed
    )
