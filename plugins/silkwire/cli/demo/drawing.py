"""Draw the demo's findings with rich.

Matched words are coloured on a terminal, and stand between « and » elsewhere.
"""

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from silkwire.cli.output.console import Indented
from silkwire.cli.output.tables import escape_controls
from silkwire.demo.findings import (
    Edit,
    FeedAnswer,
    Kept,
    LeftOut,
    Quarantined,
    Span,
    Totals,
)
from silkwire.model import BatchReport

TOPIC_STYLES = {"ai": "bold cyan", "china_travel": "bold yellow"}
_OUTCOME_STYLES = {"new": "green", "failed": "red"}
_SNIPPET_CHARS = 110
_VALUE_CHARS = 60
_TOKEN = re.compile(r"[a-zA-Z0-9'’-]+|\s+|.", re.DOTALL)


def mark_spans(text: str, spans: Iterable[Span], *, is_plain: bool) -> Text:
    """`text` with its spans in the colours of their topics, or between « and »."""
    fitting = [span for span in spans if text[span.start : span.end] == span.text]
    shown = escape_controls(text)
    if is_plain:
        marks = {place for span in fitting for place in range(span.start, span.end)}
        runs = groupby(enumerate(shown), key=lambda at: at[0] in marks)
        parts = [(is_marked, "".join(char for _, char in run)) for is_marked, run in runs]
        return Text("".join(f"«{part}»" if is_marked else part for is_marked, part in parts))
    marked = Text(shown)
    for span in sorted(fitting, key=lambda span: span.start - span.end):
        marked.stylize(TOPIC_STYLES.get(span.topic, "bold"), span.start, span.end)
    return marked


def cut_snippet(
    text: str, spans: Sequence[Span], size: int = _SNIPPET_CHARS
) -> tuple[str, list[Span]]:
    """About `size` characters of `text` around its first span, and its spans there."""
    if len(text) <= size:
        return text, list(spans)
    first = min((span.start for span in spans), default=0)
    start = max(0, min(first - size // 3, len(text) - size))
    cut = text[start : start + size]
    shift = start - 1 if start else 0
    moved = [
        replace(span, start=span.start - shift, end=span.end - shift)
        for span in spans
        if span.start >= start and span.end <= start + size
    ]
    return f"{'…' if start else ''}{cut}{'…' if start + size < len(text) else ''}", moved


def draw_kept(kept: Kept, *, is_plain: bool) -> RenderableType:
    """Title, outlet and scores, and a passage of the summary if a topic matched only there."""
    lines: list[RenderableType] = [
        mark_spans(kept.title, _of_field(kept, "title"), is_plain=is_plain)
    ]
    in_title = {span.topic for span in _of_field(kept, "title")}
    in_summary = [span for span in _of_field(kept, "summary") if span.topic not in in_title]
    if in_summary and kept.summary:
        snippet, moved = cut_snippet(kept.summary, in_summary)
        lines.append(Indented(mark_spans(snippet, moved, is_plain=is_plain)))
    lines.append(Indented(_draw_matches(kept)))
    return Indented(Group(*lines))


def _of_field(kept: Kept, field: str) -> list[Span]:
    return [span for span in kept.spans if span.field == field]


def _draw_matches(kept: Kept) -> Text:
    line = Text.assemble((kept.outlet, "dim"))
    for match in kept.matches:
        why = f"{match.score:.2f} {match.scope or ''}".rstrip()
        line.append("  ").append(match.topic, TOPIC_STYLES.get(match.topic, "bold"))
        line.append(f" {'dedicated feed' if match.is_dedicated else why}", "dim")
    return line


def draw_left_out(entries: Sequence[LeftOut]) -> Table:
    """A table of scores, outlets and titles."""
    table = _make_table()
    table.add_column("score", justify="right", no_wrap=True)
    table.add_column("outlet", style="dim", max_width=18, overflow="fold")
    table.add_column("left out", overflow="fold")
    for entry in entries:
        table.add_row(f"{entry.score:.2f}", Text(entry.outlet), Text(escape_controls(entry.title)))
    return table


def draw_quarantined(record: Quarantined) -> RenderableType:
    """The record's title or url, then every expectation that it fails."""
    name = record.title or record.entry_url or "(neither title nor link)"
    lines: list[RenderableType] = [
        Text.assemble(escape_controls(name), (f"  {record.outlet}", "dim"))
    ]
    for failure in record.failures:
        said = Text.assemble((failure.column or "record", "bold"), ("  expected: ", "dim"))
        lines.append(Indented(_draw_list([("✗", said.append(failure.rule))])))
        if failure.value is not None:
            found = Text.assemble(("found: ", "dim"), _shorten(failure.value))
            lines.append(Indented(found, by=4))
    return Indented(Group(*lines))


def draw_answers(first: Sequence[FeedAnswer], second: Sequence[FeedAnswer]) -> Table:
    """A row per feed, with its server's answer in each of the two cycles."""
    later = {answer.feed: answer for answer in second}
    table = _make_table()
    table.add_column("feed", overflow="fold")
    table.add_column("entries", justify="right", no_wrap=True)
    table.add_column("cycle 1")
    table.add_column("cycle 2")
    for answer in first:
        again = later.get(answer.feed)
        table.add_row(
            Text(answer.feed),
            str(answer.fetched_count) if answer.fetched_count else "",
            _describe_answer(answer),
            _describe_answer(again) if again else Text("not fetched"),
        )
    return table


def _describe_answer(answer: FeedAnswer) -> Text:
    status = "" if answer.http_status is None else f"{answer.http_status} "
    said = (answer.error_class or answer.outcome).replace("_", " ")
    return Text(status + said, _OUTCOME_STYLES.get(answer.outcome, ""))


def draw_edit(edit: Edit) -> RenderableType:
    """The text before and after, with the changed words marked."""
    before, after = escape_controls(edit.before or ""), escape_controls(edit.after or "")
    old, new = Text(style="red"), Text(style="green")
    for is_same, removed, added in _compare(before, after):
        old.append(removed, "" if is_same else "bold red")
        new.append(added, "" if is_same else "bold green")
    heading = Text.assemble((edit.outlet, "bold"), f" edited its {edit.field}")
    return Indented(Group(heading, Indented(_draw_list([("-", old), ("+", new)]))))


def _compare(before: str, after: str) -> Iterable[tuple[bool, str, str]]:
    """Runs of words in both texts, and whether they are the same."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for tag, a1, a2, b1, b2 in matcher.get_opcodes():
        yield tag == "equal", "".join(old[a1:a2]), "".join(new[b1:b2])


def _draw_list(items: Iterable[tuple[str, Text]]) -> Table:
    """Draw each text to the right of its sign, with all of its lines aligned."""
    grid = Table.grid(padding=(0, 1))
    for sign, line in items:
        grid.add_row(Text(sign, line.style), line)
    return grid


def _make_table() -> Table:
    return Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")


def _shorten(value: str) -> str:
    value = escape_controls(value)
    return value if len(value) <= _VALUE_CHARS else value[: _VALUE_CHARS - 1] + "…"


def draw_totals(before: Totals, after: Totals, report: BatchReport) -> RenderableType:
    """What the second reading added, and what it did not add again."""
    entries, articles = report.entries, report.articles
    known = before.article_count + articles.inserted
    lines = (
        f"{before.article_count} articles + {articles.inserted} new = {known};"
        f" the warehouse holds {after.article_count}",
        f"{entries.unchanged} entries are unchanged: only their sightings are updated",
        f"{articles.revised} edits are stored as revisions of known articles,"
        f" {articles.variant} text of another feed as a variant",
        f"{after.quarantine_count} records are in quarantine ({before.quarantine_count} before):"
        " a record that is seen again is counted, not stored again",
    )
    return _draw_list([("·", Text(line)) for line in lines])
