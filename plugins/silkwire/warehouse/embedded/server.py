"""Start and stop the embedded PostgreSQL, which all processes of a home share and leave running."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from silkwire.config import Settings
from silkwire.errors import ConfigError, WarehouseError
from silkwire.warehouse.embedded.access import (
    DATABASE,
    SUPERUSER,
    ReaderLogin,
    set_reader_password,
    write_access,
)
from silkwire.warehouse.embedded.folder import (
    ServerFolder,
    find_folder,
    find_orphans,
    lock_home,
    make_folder,
    note_home,
    remove_folder,
)
from silkwire.warehouse.embedded.initdb import create_data, has_data
from silkwire.warehouse.embedded.postmaster import DEFAULT_PORT, Postmaster, find_alive, find_ready
from silkwire.warehouse.embedded.process import start_process, stop_process, wait_until_ready

_FIRST_FREE_PORT = 1024  # only root may listen on lower ones, and the server is not root


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The present state of the embedded server; `port` is set if it listens on loopback."""

    is_running: bool
    folder: Path | None = None
    pid: int | None = None
    url: str | None = None
    port: int | None = None
    log: Path | None = None


def ensure_server(settings: Settings) -> str:
    """The SQLAlchemy URL of the warehouse. Starts its server if it does not run.

    Raises WarehouseError if it cannot be started.
    """
    folder = find_folder(settings)
    running = None if folder is None else find_ready(folder)
    if running is None:
        with lock_home(settings.home):
            folder = make_folder(settings)
            running = _start(folder)
    assert folder is not None
    note_home(folder, settings.home)
    return _libpq_url(running).replace("postgresql:", "postgresql+psycopg:", 1)


def listen_on_port(settings: Settings, port: int) -> ReaderLogin | None:
    """Have the server listen on `port` of 127.0.0.1, now and after later starts; with 0, on none.

    If the port changes, a running server is restarted, which closes its connections. Returns the
    reader's login.
    """
    with lock_home(settings.home):
        folder = make_folder(settings)
        running = find_ready(folder)
        if port != (running.tcp_port if running else 0):
            _require_free(port)
            _stop(folder)
            _write_port(folder, port)
        try:
            running = _start(folder)
        except WarehouseError:
            _write_port(folder, 0)  # or every later start would fail too
            raise
        if not port:
            return None
        return set_reader_password(folder, _libpq_url(running, SUPERUSER), port)


def stop_server(settings: Settings) -> bool:
    """Stop the server; return whether it was running. Open transactions are rolled back."""
    if find_folder(settings) is None:
        return False
    with lock_home(settings.home):
        return _stop(make_folder(settings))


def server_status(settings: Settings) -> ServerStatus:
    """Whether the server runs, and where. Starts and writes nothing."""
    folder = find_folder(settings)
    if folder is None:
        return ServerStatus(is_running=False)
    running = find_ready(folder)
    return ServerStatus(
        is_running=running is not None,
        folder=folder.path,
        pid=running.pid if running else None,
        url=_libpq_url(running) if running else None,
        port=(running.tcp_port or None) if running else None,
        log=folder.log,
    )


def remove_server(settings: Settings) -> None:
    """Stop the server and delete all its data: only for throw-away homes."""
    folder = find_folder(settings)
    if folder is None:
        return
    with lock_home(settings.home):
        _stop(make_folder(settings), mode="immediate")
        remove_folder(folder.path)
        with contextlib.suppress(FileNotFoundError):
            (settings.home / "postgresql").unlink()


def _start(folder: ServerFolder) -> Postmaster:
    """Start the server, or wait if another process is starting it; make its data if missing."""
    try:
        alive = find_alive(folder)
        ready = None if alive is None else wait_until_ready(folder, alive.pid)
        if ready is not None:
            return ready
        if not has_data(folder):
            for orphan in find_orphans(folder):  # servers of deleted homes; their data is kept
                _stop(orphan)
            create_data(folder)
        port = _read_port(folder)
        write_access(folder, is_listening=port > 0)
        return start_process(folder, port)
    except OSError as exc:  # such as a full disk, or a container whose root may not change users
        raise WarehouseError(f"the warehouse cannot be started: {exc}") from exc


def _stop(folder: ServerFolder, mode: str = "fast") -> bool:
    if find_alive(folder) is None:
        return False
    stop_process(folder, mode)
    return True


def _libpq_url(postmaster: Postmaster, user: str = DATABASE) -> str:
    host = quote(postmaster.socket_dir, safe="")
    return f"postgresql://{user}@/{DATABASE}?host={host}&port={DEFAULT_PORT}"


def _read_port(folder: ServerFolder) -> int:
    file = folder.path / "port"
    return int(file.read_text("ascii")) if file.exists() else 0


def _write_port(folder: ServerFolder, port: int) -> None:
    (folder.path / "port").write_text(str(port), "ascii")


def _require_free(port: int) -> None:
    if not port:
        return
    if port < _FIRST_FREE_PORT:
        raise ConfigError(f"the port must be {_FIRST_FREE_PORT} to 65535, or 0 for none")
    with socket.socket(socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as exc:
            raise WarehouseError(f"port {port} cannot be used: {exc.strerror}") from exc
