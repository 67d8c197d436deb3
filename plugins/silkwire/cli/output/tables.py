"""Rows as a table, CSV or JSON, in which no publisher's text can act as markup or a formula."""

import csv
import io
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from rich import box
from rich.cells import cell_len
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from silkwire.warehouse.queries import QueryResult

# Spreadsheets run a cell that begins with one of `=+-@` as a formula (OWASP, CSV Injection), some
# also after blanks, quotes and invisible marks. Where a semicolon or tab separates columns, the
# text after it is a cell.
_FORMULA = re.compile(
    r"(^|[;\t\r\n])"
    r"([\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\"'`‘’“”＇＂]*"
    r"[=+\-@＝＋－＠]|(?<![\s\S])[\t\r\n])"
)
_BOM = "\ufeff"
_NUMBERS = (int, float, Decimal)
_NARROW_CELLS = 16
_TEXT_CELLS = 20
"""The minimum width at which a column of longer texts is easy to read."""
_GAP = 3


def escape_controls(value: str) -> str:
    """`value` on one line, without control characters and without marks that reorder text."""
    return "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp"} else _stand_in(char)
        for char in value
    )


def _stand_in(char: str) -> str:
    if char in "\t\n\r\u2028\u2029":
        return " "
    # joiners are part of words in some scripts, and of emoji
    return char if char in "\u200c\u200d" else "\N{REPLACEMENT CHARACTER}"


def format_value(value: Any) -> str:
    """One value for people: times in UTC to the minute, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, list | tuple):
        return ", ".join(format_value(item) for item in value)
    return escape_controls(str(value))


def draw_answer(result: "QueryResult", width: int) -> RenderableType:
    """The result as a table, or as a block per row if `width` cells are too few for its texts."""
    natural = [_natural_width(result, index) for index in range(len(result.columns))]
    texts = [cells for cells in natural if cells > _NARROW_CELLS]
    room = width - sum(natural) + sum(texts) - _GAP * (len(natural) - 1)
    if sum(min(cells, _TEXT_CELLS) for cells in texts) <= room:
        return _draw_table(result)
    return _draw_blocks(result)


def _natural_width(result: "QueryResult", index: int) -> int:
    """The width in cells of the column's longest value or its header's longest word."""
    values = [cell_len(format_value(row[index])) for row in result.rows]
    return max([*values, *map(len, result.columns[index].split("_"))])


def _draw_table(result: "QueryResult") -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim", show_edge=False)
    for index in range(len(result.columns)):
        values = [row[index] for row in result.rows if row[index] is not None]
        is_number = bool(values) and all(isinstance(value, _NUMBERS) for value in values)
        is_narrow = _natural_width(result, index) <= _NARROW_CELLS
        table.add_column(
            Text(_write_header(result, index, "\n" if is_number else " ")),
            justify="right" if is_number else "left",
            no_wrap=is_narrow,
            overflow="fold",
        )
    for row in result.rows:
        table.add_row(*(Text(format_value(value)) for value in row))
    return table


def _write_header(result: "QueryResult", index: int, blank: str = " ") -> str:
    """The column's name in words; `format_value` writes times in UTC, and the header says so."""
    words = result.columns[index].replace("_", blank)
    is_time = any(isinstance(row[index], datetime) for row in result.rows)
    return f"{words} (UTC)" if is_time else words


def _draw_blocks(result: "QueryResult") -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="dim")
    table.add_column(overflow="fold")
    for number, row in enumerate(result.rows):
        if number:
            table.add_row("", "")
        for index, value in enumerate(row):
            if value is not None:
                table.add_row(Text(_write_header(result, index)), Text(format_value(value)))
    return table


def write_csv(result: "QueryResult", *, is_excel: bool = False) -> str:
    """CSV (RFC 4180); times as RFC 3339 in UTC; a text that is a formula is prefixed with `'`.

    With `is_excel`, a byte order mark comes first: Excel takes the file for UTF-8 only with it.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(_csv_cell(column) for column in result.columns)
    for row in result.rows:
        writer.writerow(_csv_cell(value) for value in row)
    return (_BOM if is_excel else "") + out.getvalue()


def _csv_cell(value: Any) -> str:
    plain = to_plain(value)
    if plain is None or isinstance(plain, int | float):
        return "" if plain is None else str(plain)
    text = ", ".join(map(str, plain)) if isinstance(plain, list) else str(plain)
    return _FORMULA.sub(r"\1'\2", text)


def write_json(result: "QueryResult", **fields: Any) -> str:
    """One object: `fields`, then `columns` and `rows` (an object a row)."""
    rows = [
        {name: to_plain(value) for name, value in zip(result.columns, row, strict=True)}
        for row in result.rows
    ]
    return json.dumps(fields | {"columns": result.columns, "rows": rows}, ensure_ascii=False)


def to_plain(value: Any) -> Any:
    """`value` as a JSON type; times as RFC 3339 in UTC, durations in seconds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [to_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    return str(value)
