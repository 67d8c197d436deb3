"""What a check of a suite is: one expectation, with its rule in words and the reason for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from silkwire.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Check:
    """One expectation of a suite."""

    name: str
    column: str
    """The field of the entry that it is about; its value is shown."""
    expectation: str
    """The Great Expectations type, in snake case."""
    rule: str
    """One sentence for an analyst: what a good record looks like."""
    why: str
    on: tuple[str, ...] = ()
    """The frame's columns that are judged, if not `column` itself."""
    shows: str | None = None
    """The frame's column whose value is shown, if not the first one that is judged."""
    options: tuple[tuple[str, object], ...] = field(default=())

    @property
    def judged(self) -> tuple[str, ...]:
        return self.on or (self.column,)


def absent(name: str, column: str, on: str, rule: str, why: str) -> Check:
    return Check(name, column, "expect_column_values_to_be_null", rule, why, on=(on,))


def present(name: str, column: str, on: str, rule: str, why: str) -> Check:
    return Check(name, column, "expect_column_values_to_not_be_null", rule, why, on=(on,))


def within(
    name: str,
    column: str,
    on: str,
    *,
    low: float | None,
    high: float | None,
    rule: str,
    why: str,
    shows: str | None = None,
) -> Check:
    options = (("min_value", low), ("max_value", high))
    between = "expect_column_values_to_be_between"
    return Check(name, column, between, rule, why, on=(on,), shows=shows, options=options)


def matches(name: str, column: str, regex: str, rule: str, why: str) -> Check:
    options = (("regex", regex),)
    return Check(name, column, "expect_column_values_to_match_regex", rule, why, options=options)


def refuse_unknown_columns(suite: Iterable[Check], columns: Sequence[str]) -> None:
    """Raise ValidationError naming each check on a column that the frame does not have.

    Great Expectations would find a typo only when it judges, if at all; this is at start.
    """
    for check in suite:
        for column in (*check.judged, *([check.shows] if check.shows else ())):
            if column not in columns:
                raise ValidationError(f"{check.name} judges the column {column}, which is unknown")
