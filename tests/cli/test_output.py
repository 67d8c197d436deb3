"""How answers are written: as CSV that a spreadsheet does not run, as JSON, as a table."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from silkwire.cli.output.progress import RunProgress
from silkwire.cli.output.tables import draw_answer, escape_controls, write_csv, write_json
from silkwire.warehouse.queries import QueryResult


def result_of(*values):
    return QueryResult(tuple("abcdefgh"[: len(values)]), (values,))


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+cmd", "'+cmd"),
        ("-2", "'-2"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        (["=1", "b"], "'=1, b"),
        (" =cmd|' /C calc'!A0", "' =cmd|' /C calc'!A0"),
        ('"=cmd"', '\'"=cmd"'),
        ("'+1", "''+1"),
        ("“-1”", "'“-1”"),
        ("\ufeff@x", "'\ufeff@x"),
        ("\u200b\xa0=1", "'\u200b\xa0=1"),
        ("Trade; =1+1", "Trade;' =1+1"),
        ("Trade;\t@x", "Trade;'\t@x"),
        ("up\n-3", "up\n'-3"),
        ({"=1": 2}, "{'=1': 2}"),
        ("AI-led, 5-7 = many; more", "AI-led, 5-7 = many; more"),
        (-2.5, "-2.5"),
        (Decimal("-0.10"), "-0.1"),
        (True, "True"),
        (timedelta(minutes=-2), "-120.0"),
        ("plain", "plain"),
        (-2, "-2"),
        (None, ""),
        (datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8))), "2026-01-02T00:00:00Z"),
    ],
)
def test_csv_cell(value, cell):
    rows = list(csv.reader(io.StringIO(write_csv(result_of("x", value)), newline="")))
    assert rows == [["a", "b"], ["x", cell]]


@given(st.text())
def test_csv_keeps_every_text_and_runs_none(value):
    out = write_csv(result_of("x", value))
    (cell,) = [row[1] for row in csv.reader(io.StringIO(out, newline=""))][1:]
    kept = iter(cell)
    assert all(character in kept for character in value)
    assert cell.replace("'", "") == value.replace("'", "")
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    for part in re.split("[;\t\r\n]", cell):
        assert not part.strip().startswith(("=", "+", "-", "@"))


def test_csv_for_excel_begins_with_a_byte_order_mark():
    assert write_csv(result_of("中国"), is_excel=True) == "\ufeffa\r\n中国\r\n"


def test_table_says_that_times_are_in_utc():
    eight = datetime(2026, 1, 2, 8, tzinfo=timezone(timedelta(hours=8)))
    for width in (80, 30):
        out = Console(width=width, file=io.StringIO())
        out.print(draw_answer(QueryResult(("seen_at", "title"), ((eight, "T" * 18),)), width))
        shown = out.file.getvalue()
        assert "seen at (UTC)" in shown.splitlines()[0]
        assert "2026-01-02" in shown


def test_json_is_one_object_with_rows_by_column():
    result = result_of("é", 1.5, None, datetime(2026, 1, 2, tzinfo=UTC), ["x"], Decimal(3))
    assert json.loads(write_json(result, query="q")) == {
        "query": "q",
        "columns": ["a", "b", "c", "d", "e", "f"],
        "rows": [{"a": "é", "b": 1.5, "c": None, "d": "2026-01-02T00:00:00Z", "e": ["x"], "f": 3}],
    }


def test_terminal_gets_no_control_of_a_publishers():
    assert escape_controls("a\x1b[31mb\u202ec\nd\x00") == "a�[31mb�c d�"


@given(st.text())
def test_escaped_text_is_one_line_as_long_as_before(value):
    shown = escape_controls(value)
    assert len(shown) == len(value)
    assert (
        shown.isprintable() or set("".join(shown.split())) - set("\u200c\u200d\u3000\xa0") >= set()
    )


@pytest.mark.parametrize("width", [40, 80, 120])
def test_table_keeps_within_the_width(width):
    result = QueryResult(("first_seen_at", "title"), ((datetime.now(UTC), "[b]中国AI[/b] " * 30),))
    console = Console(width=width, file=io.StringIO())
    console.print(draw_answer(result, width))
    lines = console.file.getvalue().splitlines()
    assert lines[0].split() == ["first", "seen", "at", "(UTC)", "title"]
    assert "[b]中国AI[/b]" in "".join(lines)


def test_progress_prints_words_in_brackets_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    with RunProgress() as progress:
        progress.start("match")
        progress.finish("[bold]ai[/bold] 3 :smile:")
    assert capsys.readouterr().err == "match: [bold]ai[/bold] 3 :smile: (0.0 s)\n"
