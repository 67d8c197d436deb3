"""The monthly partitions of `ops.fetch` and `ops.expectation_result`: make them, drop old ones."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, text

_A_MONTH = timedelta(days=31)


def create_partitions(conn: Connection, times: Iterable[datetime]) -> None:
    """Make the partitions for rows of these `times` and of the month after each, if missing."""
    months = {datetime(at.year, at.month, 1, tzinfo=UTC) for at in times}
    for month in sorted(months):
        values = {"month": month, "month_after": month + _A_MONTH}
        conn.execute(text("SELECT ops.create_partitions(:month, :month_after)"), values)


def drop_old_partitions(conn: Connection, *, keep_months: int, now: datetime) -> tuple[str, ...]:
    """Drop the months before the last `keep_months` whole ones; return their tables' names."""
    months = now.year * 12 + now.month - 1 - keep_months
    before = datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)
    names = conn.execute(text("SELECT ops.drop_partitions(:before)"), {"before": before})
    return tuple(names.scalars())
