"""The `warehouse` suite, from `warehouse.yaml`: what must hold in the warehouse itself."""

from dataclasses import dataclass

from silkwire.validate.suites.checks import Check, make_checks, read_suite


@dataclass(frozen=True, slots=True)
class Relation:
    """One query, `relations/NAME.sql`, and what is expected of its rows."""

    name: str
    key: str
    """The column that names a row that fails."""
    checks: tuple[Check, ...]


def build_warehouse_suite(*, stale_minutes: float) -> tuple[Relation, ...]:
    """`stale_minutes`: how long there may be no batch."""
    return tuple(
        Relation(name, listed["key"], make_checks(listed["checks"], stale_minutes=stale_minutes))
        for name, listed in read_suite("warehouse").items()
    )
