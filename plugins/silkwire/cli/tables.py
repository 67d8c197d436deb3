"""Rows for people and programs: a table, CSV or JSON. In each, publishers' texts are but data."""

import csv
import io
import json
import unicodedata
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from silkwire.warehouse.queries import QueryResult

# A cell that begins so is run by spreadsheets (OWASP, CSV Injection).
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NARROW = (int, float, Decimal, datetime, date, timedelta, bool)


def escape_controls(value: str) -> str:
    """`value` on one line, with nothing that a terminal would obey or that reorders text."""
    return "".join(
        char if unicodedata.category(char) not in {"Cc", "Cf", "Zl", "Zp"} else _stand_in(char)
        for char in value
    )


def _stand_in(char: str) -> str:
    if char in "\t\n\r\u2028\u2029":
        return " "
    # a joiner is part of words in some scripts, and of emoji
    return char if char in "\u200c\u200d" else "\N{REPLACEMENT CHARACTER}"


def format_value(value: Any) -> str:
    """One value as a person reads it; instants in UTC to the minute, lists with commas."""
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


def draw_table(result: QueryResult) -> Table:
    """The answer as a table that folds long texts and keeps numbers and dates whole."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="bold", show_edge=False)
    for index, column in enumerate(result.columns):
        values = [row[index] for row in result.rows if row[index] is not None]
        is_number = all(isinstance(value, int | float | Decimal) for value in values)
        table.add_column(
            Text(column.replace("_", " ")),
            justify="right" if is_number and values else "left",
            no_wrap=all(isinstance(value, _NARROW) for value in values),
            overflow="fold",
        )
    for row in result.rows:
        table.add_row(*(Text(format_value(value)) for value in row))
    return table


def write_csv(result: QueryResult) -> str:
    """RFC 4180, instants as RFC 3339 in UTC; a text that a spreadsheet would run gets a `'`."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(result.columns)
    for row in result.rows:
        writer.writerow(_csv_cell(value) for value in row)
    return out.getvalue()


def _csv_cell(value: Any) -> str:
    text = _plain(value)
    text = ", ".join(map(str, text)) if isinstance(text, list) else "" if text is None else text
    if isinstance(value, str | list | tuple) and str(text).startswith(_FORMULA_STARTS):
        return f"'{text}"
    return str(text)


def write_json(result: QueryResult, **fields: Any) -> str:
    """One object: `fields`, then `columns` and `rows` (an object a row)."""
    rows = [
        {name: _plain(value) for name, value in zip(result.columns, row, strict=True)}
        for row in result.rows
    ]
    return json.dumps(fields | {"columns": result.columns, "rows": rows}, ensure_ascii=False)


def _plain(value: Any) -> Any:
    """`value` as JSON has it; instants as RFC 3339 in UTC, durations in seconds."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, bool | int | float | str | dict):
        return value
    return str(value)
