"""Refresh the statistics of PostgreSQL's planner right after a load, before autovacuum does."""

from silkwire.pipeline.batch.context import Context
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def refresh_statistics(ctx: Context) -> tuple[str, ...]:
    """Analyze the tables of which more than 1% of the rows changed; return their names.

    The server skips tables that the user of `SILKWIRE_WAREHOUSE_URL` may not analyze.
    """
    with ctx.engine.begin() as conn:
        names = tuple(conn.execute(_SQL["changed"]).scalars())
    for name in names:
        with ctx.engine.begin() as conn:
            conn.exec_driver_sql(f"ANALYZE {name}")
    return names
