"""The demo's temporary home: its settings, its warehouse, and how both are removed."""

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
    """Yield settings for a new folder with its own warehouse.

    Unless `is_kept`, both are removed after the block, also after Ctrl-C, SIGTERM or SIGHUP.
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
    """Override SILKWIRE_WAREHOUSE_URL and _DATA_URL: the user's own data must not be touched."""
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
    """Start the home's server if it is not running; create or upgrade the schema."""
    engine = open_engine(settings)
    require_current(engine, may_upgrade=True)
    return engine


def _exit(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)
