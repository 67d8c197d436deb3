"""How pages read the warehouse: read-only connections with a time limit."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event

from silkwire.config import Settings
from silkwire.warehouse.engine import open_engine

TIMEOUT_S = 10
"""A page's statement that takes longer is cancelled, so that it does not hold up loads."""


class ReadOnlyWarehouse:
    """The warehouse, which the first request opens, because an import must not connect."""

    def __init__(self, settings: Settings):
        self.settings = settings
        self._engine: Engine | None = None
        self._lock = threading.Lock()

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        """A read-only transaction. Raises WarehouseError or ConfigError."""
        with self._open().connect() as conn:
            yield conn

    def _open(self) -> Engine:
        with self._lock:
            if self._engine is None:
                engine = open_engine(self.settings)
                event.listen(engine, "connect", _restrict)
                engine.dispose()  # its first connection is not restricted
                self._engine = engine
            return self._engine


def _restrict(connection: Any, record: object) -> None:
    del record
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        cursor.execute(f"SET statement_timeout = '{TIMEOUT_S}s'")
    connection.commit()
