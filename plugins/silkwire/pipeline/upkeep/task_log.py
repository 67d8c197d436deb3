"""Lines for a task's log: one fact per line, and no publisher's text can start a new one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from logging import Logger
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.model import BatchReport
from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
MAX_FAILURES = 100


def describe_report(report: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """One line per figure, such as `entries fetched: 155`.

    A list is its length and then its items; an empty mapping gives no line.
    """
    for key, value in report.items():
        name = f"{prefix} {key}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from describe_report(value, name)
        elif isinstance(value, list | tuple):
            yield f"{name}: {len(value)}"
            yield from (f"  {escape_line(str(item))}" for item in value)
        else:
            yield f"{name}: {escape_line(str(value))}"


def describe_batch(report: BatchReport) -> Iterator[str]:
    """One line per figure; what a held batch has not loaded is said so."""
    figures = asdict(report)
    held_documents = figures.pop("held_documents")
    if report.verdict == "held":
        figures["articles that would be"] = figures.pop("articles")
    yield from describe_report(figures)
    for document in held_documents:
        yield escape_line(f"held document {document['feed_url']}: {document['why']}")


class LoggedProgress:
    """A `Progress` that logs some ten lines per step."""

    def __init__(self, log: Logger) -> None:
        self._log = log

    def start(self, step: str, total: int | None = None) -> None:
        self._step, self._total, self._done = step, total or 0, 0

    def advance(self, count: int = 1) -> None:
        before, self._done = self._done, self._done + count
        tenth = max(self._total // 10, 1)
        if self._done // tenth > before // tenth:
            self._log.info("%s: %d of %d", self._step, self._done, self._total)

    def finish(self, summary: str) -> None:
        self._log.info("%s: %s", self._step, summary)


def describe_failed_fetches(ctx: Context, batch_id: str, shard: int) -> list[str]:
    """One line per feed, such as `https://a.example/feed: timeout: no answer within 15 s`."""
    parameters = {"batch_id": batch_id, "shard": shard, "limit": MAX_FAILURES}
    with ctx.engine.begin() as conn:
        rows = conn.execute(_SQL["failed_fetches"], parameters).all()
    lines = [
        escape_line(f"{row.feed_url}: {row.error_class}: {row.error or 'no more is known'}")
        for row in rows
    ]
    if rows and rows[0].total > len(rows):
        lines.append(f"and {rows[0].total - len(rows)} feeds more: see ops.fetch")
    return lines


def describe_verdict(ctx: Context, batch_id: str) -> list[str]:
    """The batch's verdict and its reason, then one line per failed expectation."""
    with ctx.engine.begin() as conn:
        batch = conn.execute(_SQL["verdict"], {"batch_id": batch_id}).one()
        failed = read_failed_expectations(conn, batch_id)
    reason = f": {batch.verdict_reason}" if batch.verdict_reason else ""
    return [
        escape_line(f"batch {batch_id} is {batch.verdict}{reason}"),
        *(
            f"expectation {row.suite}.{row.expectation} fails for"
            f" {row.unexpected_count} of {row.element_count}"
            for row in failed
        ),
    ]


def read_failed_expectations(conn: Connection, batch_id: str) -> Sequence[Row[Any]]:
    """Rows `(suite, expectation, unexpected_count, element_count)` of one batch."""
    return conn.execute(_SQL["failed_expectations"], {"batch_id": batch_id}).all()


def escape_line(words: str) -> str:
    """`words` on one line: line ends, controls and other unprintable characters as code points."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in words)
