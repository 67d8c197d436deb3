"""Advisory locks of PostgreSQL by name, so that one process at a time does a thing."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, text


@contextmanager
def hold_lock(engine: Engine, name: str, *, is_waiting: bool) -> Iterator[bool]:
    """Hold the advisory lock `name` on a connection of its own; yields whether it was got.

    The server frees it when this process dies, however it dies. It belongs to the session, so
    a pooler in front of PostgreSQL must pool sessions, not transactions.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        function = "pg_advisory_lock" if is_waiting else "pg_try_advisory_lock"
        got = conn.execute(
            text(f"SELECT {function}(hashtextextended(:name, 0))"),
            {"name": name},
        ).scalar()
        is_held = True if is_waiting else bool(got)
        try:
            yield is_held
        finally:
            if is_held:
                conn.execute(
                    text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), {"name": name}
                )
