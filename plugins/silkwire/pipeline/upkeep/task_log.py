"""What a task's log says: one fact a line, in which no publisher's text can begin another."""

from collections.abc import Iterator, Mapping
from logging import Logger
from typing import Any

from sqlalchemy import text

from silkwire.pipeline.batch.context import Context

MAX_FAILURES = 100
_FAILED_FETCHES = text("""
SELECT feed.feed_url, attempt.error_class, attempt.error, count(*) OVER () AS total
FROM ops.fetch AS attempt INNER JOIN ops.feed AS feed ON feed.feed_key = attempt.feed_key
WHERE attempt.batch_id = :batch_id AND attempt.map_index = :shard AND attempt.outcome = 'failed'
ORDER BY feed.feed_url LIMIT :limit
""")
_ENDED = text("SELECT verdict, verdict_reason FROM ops.batch WHERE batch_id = :batch_id")
_UNEXPECTED = text("""
SELECT suite, expectation, unexpected_count, element_count FROM ops.expectation_result
WHERE batch_id = :batch_id AND NOT is_success ORDER BY expectation_number
""")


def describe_report(report: Mapping[str, Any], within: str = "") -> Iterator[str]:
    """`entries fetched: 155`, a line a figure; lists as a count, empty groups not at all."""
    for name, value in report.items():
        said = f"{within} {name}".strip().replace("_", " ")
        if isinstance(value, Mapping):
            yield from describe_report(value, said)
        elif isinstance(value, list | tuple):
            yield f"{said}: {len(value)}"
            yield from (f"  {escape_line(str(one))}" for one in value)
        else:
            yield f"{said}: {escape_line(str(value))}"


class LoggedProgress:
    """A run that tells a log where it is, some ten times."""

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
    """`https://a.example/feed: timeout: no answer within 15 s`, a line a feed that failed."""
    asked = {"batch_id": batch_id, "shard": shard, "limit": MAX_FAILURES}
    with ctx.engine.begin() as conn:
        rows = conn.execute(_FAILED_FETCHES, asked).all()
    said = [
        escape_line(f"{row.feed_url}: {row.error_class}: {row.error or 'no more is known'}")
        for row in rows
    ]
    more = rows[0].total - len(rows) if rows else 0
    return [*said, f"and {more} feeds more: see ops.fetch"] if more else said


def describe_verdict(ctx: Context, batch_id: str) -> list[str]:
    """How the batch ended, why, and a line for each expectation that something failed."""
    with ctx.engine.begin() as conn:
        batch = conn.execute(_ENDED, {"batch_id": batch_id}).one()
        failed = conn.execute(_UNEXPECTED, {"batch_id": batch_id}).all()
    reason = f": {batch.verdict_reason}" if batch.verdict_reason else ""
    return [
        escape_line(f"batch {batch_id} is {batch.verdict}{reason}"),
        *(
            f"expectation {row.suite}.{row.expectation} fails for"
            f" {row.unexpected_count} of {row.element_count}"
            for row in failed
        ),
    ]


def escape_line(words: str) -> str:
    """`words` on one line: what is not printable (line ends, controls, marks) as its code point."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in words)
