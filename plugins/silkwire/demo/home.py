"""The demo's throw-away home: its settings, and how it goes away again."""

import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from sqlalchemy import Engine

from silkwire.config import Settings, read_settings
from silkwire.resources import CONFIG_DIR
from silkwire.warehouse.embedded.server import remove_server
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import require_current


@contextmanager
def open_home(*, is_kept: bool) -> Iterator[Settings]:
    """Settings for a new folder, with a warehouse of its own; both are gone after the block,
    also after Ctrl-C or SIGTERM, unless `is_kept`.
    """
    folder = Path(tempfile.mkdtemp(prefix="silkwire-demo-"))
    settings = make_settings(folder, is_durable=is_kept)
    handlers = {number: signal.signal(number, _exit) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield settings
    finally:
        if not is_kept:
            remove_server(settings)
            shutil.rmtree(folder, ignore_errors=True)
        for number, handler in handlers.items():
            signal.signal(number, handler)


def make_settings(home: Path, *, is_durable: bool = False) -> Settings:
    """What the environment says of warehouse and data is the user's own, and left alone."""
    return read_settings(
        home=home,
        warehouse_url=None,
        data_url="",
        config_dir=CONFIG_DIR,
        server_fsync=is_durable,
        fetch_allow_private="127.0.0.1/32",
        fetch_host_pause=0,
        fetch_host_concurrency=20,
    )


def open_warehouse(settings: Settings) -> Engine:
    """The home's own server, started if need be, at the current schema."""
    engine = open_engine(settings)
    require_current(engine, may_upgrade=True)
    return engine


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
