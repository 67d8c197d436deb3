"""A check: one expectation of Great Expectations with its rule in words and the reason for it.

Suites are lists of checks in the YAML files of this folder. As in Great Expectations, an option
`{$PARAMETER: name}` takes its value from a parameter; rules format the same parameters.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from silkwire.errors import ValidationError
from silkwire.markedyaml import read_yaml


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a suite."""

    name: str
    column: str
    """The field that the check is about; its value is shown to people."""
    expectation: str
    """The type in Great Expectations, in snake case."""
    rule: str
    """One sentence for an analyst: what a good record looks like."""
    why: str
    reads: tuple[str, ...] = ()
    """The columns of the frame that the expectation reads, if not `column` itself."""
    shows: str | None = None
    """The column of the frame whose value is shown, if not the first one that is read."""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Further arguments of the expectation."""
    holds: str | None = None
    """A format string: why a batch or document that fails this check is held; None: it is not."""

    @property
    def columns_read(self) -> tuple[str, ...]:
        return self.reads or (self.column,)

    @property
    def shown_column(self) -> str:
        return self.shows or self.columns_read[0]


@cache
def read_suite(name: str) -> Any:
    """The content of `NAME.yaml`."""
    return read_yaml(Path(__file__).with_name(f"{name}.yaml")).data


def make_checks(listed: Iterable[Mapping[str, Any]], **parameters: float) -> tuple[Check, ...]:
    """The checks of one list in a suite."""
    return tuple(_make_check(dict(values), parameters) for values in listed)


def _make_check(values: dict[str, Any], parameters: Mapping[str, float]) -> Check:
    rule = values.pop("rule").format(**parameters)
    reads = tuple(values.pop("reads", ()))
    options = {
        name: parameters[value["$PARAMETER"]] if isinstance(value, dict) else value
        for name, value in values.pop("options", {}).items()
    }
    return Check(rule=rule, reads=reads, options=options, **values)


def refuse_unknown_columns(suite: Iterable[Check], columns: Sequence[str]) -> None:
    """Raise ValidationError naming a check on a column that the frame does not have.

    This is before anything is validated; Great Expectations itself may not notice.
    """
    for check in suite:
        for column in (*check.columns_read, check.shown_column):
            if column not in columns:
                raise ValidationError(f"{check.name} reads an unknown column: {column}")
