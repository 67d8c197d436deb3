"""Connections for pages: they can only read, and not for long."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from silkwire.config import Settings
from silkwire.warehouse.engine import open_engine

TIMEOUT_S = 10
"""A page that takes longer is given up, so that it does not hold up the loads."""


class Reading:
    """The warehouse, opened when the first page is asked for: an import must not connect."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A transaction that can only read. Raises WarehouseError, ConfigError."""
        with self._open().connect() as conn:
            yield conn

    def _open(self) -> Engine:
        with self._lock:
            if self._engine is None:
                engine = open_engine(self.settings)
                event.listen(engine, "connect", _restrict)
                engine.dispose()  # the connection that was tried has not been restricted
                self._engine = engine
            return self._engine


def _restrict(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute(f"SET statement_timeout = '{TIMEOUT_S}s'")
    connection.commit()
