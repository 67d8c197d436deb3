"""`silkwire query --bar`: a bar beside each row."""

from decimal import Decimal

from silkwire.errors import ConfigError
from silkwire.warehouse.queries import QueryResult

_CELLS = 24
"""Length of the longest bar."""
_PARTS = " ▏▎▍▌▋▊▉"


def add_bars(result: QueryResult, column: str) -> QueryResult:
    """The result with a last column of bars, whose lengths are proportional to `column`.

    NULL, zero and negative numbers have no bar. Raises ConfigError if there is no such column, or
    it is not numeric.
    """
    values = [max(0.0, float(number or 0)) for number in read_numbers(result, column)]
    longest = max(values, default=0.0)
    rows = zip(result.rows, values, strict=True)
    return QueryResult(
        (*result.columns, "bar"),
        tuple((*row, _draw_bar(value / longest if longest else 0)) for row, value in rows),
    )


def read_numbers(result: QueryResult, column: str) -> list[Decimal | None]:
    """The numbers of `column`. Raises ConfigError if there is no such column, or it has others."""
    if column not in result.columns:
        names = ", ".join(result.columns)
        raise ConfigError(f'there is no column "{column}" to draw; there are: {names}')
    index = result.columns.index(column)
    return [_read_number(column, row[index]) for row in result.rows]


def _read_number(column: str, value: object) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ConfigError(f"the column {column} holds no numbers to draw")
    return Decimal(str(value))


def _draw_bar(share: float) -> str:
    """A bar of `share` (0 to 1) of the longest, to an eighth of a cell."""
    eighths = round(share * _CELLS * 8)
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()
