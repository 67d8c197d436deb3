"""Check the configuration before Airflow starts, so that no task has to fail by a mistake in it."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from silkwire.config import Settings
from silkwire.errors import ConfigError
from silkwire.feeds.opml.read import read_feed_list
from silkwire.standalone.environment import HOST
from silkwire.standalone.home import AirflowHome
from silkwire.topics import list_topics, load_ruleset
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import require_current
from silkwire.watches import load_watches


def require_config(settings: Settings) -> None:
    """Raises ConfigError for a mistake in the feed list, the topic rules or the watches."""
    topics = list_topics(settings.config_dir)
    read_feed_list(settings.config_dir / "feeds.opml", topics)
    load_ruleset(settings.config_dir)
    load_watches(settings.config_dir, topics)


def require_warehouse(settings: Settings) -> None:
    """Upgrade the embedded warehouse. Raises WarehouseError if the warehouse cannot be used."""
    engine = open_engine(settings)
    try:
        require_current(engine, may_upgrade=settings.warehouse_url is None)
    finally:
        engine.dispose()


def require_free(port: int) -> None:
    """Raises ConfigError if the port cannot be listened on."""
    with socket.socket(socket.AF_INET) as probe:
        # as servers do, so that connections of an earlier run in TIME_WAIT do not block the port
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as exc:
            raise ConfigError(
                f"port {port} of {HOST} cannot be used ({exc.strerror}): "
                "stop the program that listens there, or choose another port with --port"
            ) from exc


@contextmanager
def hold_home(home: AirflowHome) -> Iterator[None]:
    """Hold this home's lock, which the system frees when the process dies. Raises ConfigError."""
    handle = os.open(home.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as exc:
        raise ConfigError(f"silkwire up is running already with {home.folder}") from exc
    finally:
        os.close(handle)
