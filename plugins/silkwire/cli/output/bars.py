"""A bar for each row of an answer, where people would rather look than read."""

from decimal import Decimal

from silkwire.errors import ConfigError
from silkwire.warehouse.queries import QueryResult

_CELLS = 24
"""What the longest bar takes of a line."""
_PARTS = " ▏▎▍▌▋▊▉"


def add_bars(result: QueryResult, column: str) -> QueryResult:
    """The answer with a last column of bars, as long as the numbers of `column` are great.

    Bars begin at nought; what is NULL or below has none. Raises ConfigError if there is no such
    column, or it holds no numbers.
    """
    if column not in result.columns:
        names = ", ".join(result.columns)
        raise ConfigError(f'there is no column "{column}" to draw; there are: {names}')
    index = result.columns.index(column)
    values = [_read_number(column, row[index]) for row in result.rows]
    longest = max(values, default=0.0)
    rows = zip(result.rows, values, strict=True)
    return QueryResult(
        (*result.columns, "bar"),
        tuple((*row, _draw_bar(value / longest if longest else 0)) for row, value in rows),
    )


def _read_number(column: str, value: object) -> float:
    if value is None:
        return 0.0
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise ConfigError(f"the column {column} holds no numbers to draw")
    return max(0.0, float(value))


def _draw_bar(share: float) -> str:
    """`share`, 0 to 1, of a whole bar, to an eighth of a cell."""
    eighths = round(share * _CELLS * 8)
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()
