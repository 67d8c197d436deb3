"""Refresh the statistics of PostgreSQL's planner right after a load, before autovacuum does."""

from sqlalchemy import text

from silkwire.pipeline.batch.context import Context

_CHANGED = text("""
SELECT format('%I.%I', schemaname, relname) AS name
FROM pg_stat_user_tables
WHERE schemaname IN ('core', 'ops') AND n_mod_since_analyze > 0.01 * n_live_tup
ORDER BY name
""")


def refresh_statistics(ctx: Context) -> tuple[str, ...]:
    """Analyze the tables of which more than 1% of the rows changed; return their names.

    The server skips tables that the user of `SILKWIRE_WAREHOUSE_URL` may not analyze.
    """
    with ctx.engine.begin() as conn:
        names = tuple(conn.execute(_CHANGED).scalars())
    for name in names:
        with ctx.engine.begin() as conn:
            conn.exec_driver_sql(f"ANALYZE {name}")
    return names
