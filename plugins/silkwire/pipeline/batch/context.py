"""The context of every step: settings, warehouse, clock."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine

from silkwire.batchfiles import BatchFolder
from silkwire.config import Settings
from silkwire.warehouse.engine import explain_failures, open_engine
from silkwire.warehouse.schema.migrate import require_current

Clock = Callable[[], datetime]


def read_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Context:
    """Settings, an open warehouse at the current schema, and the clock."""

    settings: Settings
    engine: Engine
    now: Clock

    @property
    def lease(self) -> timedelta:
        return timedelta(seconds=self.settings.batch_lease)

    def at(self, instant: datetime) -> "Context":
        """The same context with its clock stopped: a replay repeats what happened at `instant`."""
        return replace(self, now=lambda: instant)

    def folder(self, batch_id: str) -> BatchFolder:
        return BatchFolder(self.settings.data_root, batch_id)


@contextmanager
def open_context(settings: Settings, *, now: Clock = read_clock) -> Iterator[Context]:
    """Connect (starting our own server if need be) and migrate a fresh warehouse.

    Raises WarehouseError, also from within the block, if the warehouse goes away.
    """
    engine = open_engine(settings)
    try:
        with explain_failures(engine):
            require_current(engine, may_upgrade=settings.warehouse_url is None)
            yield Context(settings, engine, now)
    finally:
        engine.dispose()
