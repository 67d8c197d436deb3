"""`silkwire query --plot`: an SVG picture of one column, whose labels are text in any script."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import leather
from leather import theme
from rich.cells import cell_len

from silkwire.cli.output.bars import read_numbers
from silkwire.cli.output.tables import escape_controls, format_value
from silkwire.warehouse.queries import QueryResult

_LABEL_CELLS = 48
_CELL_PIXELS = 8
_BAR_PIXELS, _HEAD_PIXELS = 26, 130
_DAY_TICKS = 6
_FONTS = "Helvetica, Arial, Noto Sans CJK SC, sans-serif"

_Points = list[tuple[Any, Any]]


def draw_plot(result: QueryResult, column: str, name: str) -> str:
    """An SVG document: lines over the days if a column holds days, else a bar for each row.

    What stands left of `column` names the line or the bar. At most as many lines are drawn as
    there are colours, those with the highest sums. Raises ConfigError if there is no such column,
    or it is not numeric.
    """
    numbers = read_numbers(result, column)
    chart = leather.Chart(f"{name}: {column.replace('_', ' ')}")
    _choose_fonts()
    day = _find_days(result)
    if day is None:
        labels = _make_distinct([_write_label(result, column, row) for row in result.rows])
        _add_bars(chart, labels, numbers)
        height = _HEAD_PIXELS + _BAR_PIXELS * len(labels)
    else:
        lines: dict[str, _Points] = {}
        for row, number in zip(result.rows, numbers, strict=True):
            if number is not None:
                lines.setdefault(_write_label(result, column, row, day), []).append(
                    (row[day], number)
                )
        _add_lines(chart, lines, [row[day] for row in result.rows])
        height = theme.default_chart_height
    return str(chart.to_svg(width=theme.default_chart_width, height=height))


def _choose_fonts() -> None:
    for kind in ("title", "legend", "axis_title", "tick"):
        setattr(theme, f"{kind}_font_family", _FONTS)


def _find_days(result: QueryResult) -> int | None:
    """The first column that holds at least two days, and nothing else."""
    for index in range(len(result.columns)):
        values = {row[index] for row in result.rows}
        if len(values) > 1 and all(type(value) is date for value in values):
            return index
    return None


def _write_label(
    result: QueryResult, column: str, row: Sequence[Any], day: int | None = None
) -> str:
    """The texts and times left of `column`, or if there are none, the first text of the row."""
    end = result.columns.index(column)
    left = [row[index] for index in range(end) if index != day and _is_name(row[index])]
    rest = [value for value in row[end + 1 :] if isinstance(value, str)][:1]
    label = escape_controls(" · ".join(format_value(value) for value in left or rest))
    while cell_len(label) > _LABEL_CELLS:
        label = label[:-2] + "…"
    return label or column.replace("_", " ")


def _is_name(value: Any) -> bool:
    return isinstance(value, str | list | date | datetime)


def _make_distinct(labels: list[str]) -> list[str]:
    """A bar's place is found by its label."""
    seen: dict[str, int] = {}
    distinct = []
    for label in labels:
        seen[label] = seen.get(label, 0) + 1
        distinct.append(label if seen[label] == 1 else f"{label} ({seen[label]})")
    return distinct


def _add_bars(chart: Any, labels: list[str], numbers: list[Decimal | None]) -> None:
    known = [number for number in numbers if number is not None] or [Decimal(0)]
    # the library reserves a fixed width a character, and Chinese ones are twice as wide
    widest = max(map(cell_len, labels), default=1)
    theme.tick_font_char_width = _CELL_PIXELS * widest / max(map(len, labels), default=1)
    if not any(known):
        chart.add_x_scale(0, 1)
    chart.add_bars(list(zip(numbers, labels, strict=True)))


def _add_lines(chart: Any, lines: dict[str, _Points], days: list[date]) -> None:
    theme.tick_font_char_width = _CELL_PIXELS
    largest = sorted(lines, key=lambda name: -sum(number for _, number in lines[name]))
    shown = largest[: len(theme.default_series_colors)]
    for name in sorted(shown):
        chart.add_line(sorted(lines[name]), name=name)
    drawn = [number for name in shown for _, number in lines[name]]
    chart.add_y_scale(min(0, *drawn), max(drawn) or 1)
    first, last = min(days), max(days)
    step = max(1, round((last - first).days / _DAY_TICKS))
    ticks = [date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1, step)]
    chart.add_x_scale(first, last)
    chart.add_x_axis(ticks=ticks, tick_formatter=lambda value, *_: f"{value:%d %b}")
