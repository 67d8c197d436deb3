"""The embedded PostgreSQL: started on demand, shared by all processes of a home, left running."""

import contextlib
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from silkwire.config import Settings
from silkwire.errors import ConfigError, WarehouseError
from silkwire.warehouse.embedded.cluster import (
    DATABASE,
    SUPERUSER,
    create_cluster,
    has_cluster,
    remove_folder,
    write_access,
)
from silkwire.warehouse.embedded.place import (
    ServerPlace,
    find_orphans,
    find_place,
    lock_home,
    make_place,
)
from silkwire.warehouse.embedded.postmaster import (
    DEFAULT_PORT,
    Postmaster,
    is_alive,
    is_ready,
    read_postmaster,
    start_postmaster,
    stop_postmaster,
    wait_until_ready,
)
from silkwire.warehouse.reader import ReaderLogin, set_reader_password

_FIRST_FREE_PORT = 1024  # those below are root's, and the server is not


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The embedded server as it is now; `port` is set if it listens on loopback."""

    is_running: bool
    folder: Path | None = None
    pid: int | None = None
    url: str | None = None
    port: int | None = None
    log: Path | None = None


def ensure_server(settings: Settings) -> str:
    """The SQLAlchemy URL of the warehouse; its server is started if it does not run.

    Raises WarehouseError if it cannot be started.
    """
    place = find_place(settings)
    postmaster = None if place is None else read_postmaster(place)
    if postmaster is None or not is_ready(postmaster):
        with lock_home(settings.home):
            postmaster = _start(make_place(settings))
    return _sqlalchemy_url(postmaster)


def listen_on_port(settings: Settings, port: int) -> ReaderLogin | None:
    """Have the server listen on 127.0.0.1 from now on, also after later starts; 0 ends that.

    Restarts it if need be, which ends the connections there are. Returns the reader's login.
    """
    with lock_home(settings.home):
        place = make_place(settings)
        running = read_postmaster(place)
        if _listening_port(running if is_ready(running) else None) != (port or None):
            _require_free(port)
            _stop(place)
            _write_port(place, port)
        try:
            postmaster = _start(place)
        except WarehouseError:
            _write_port(place, 0)  # else no later start would succeed
            raise
        if not port:
            return None
        return set_reader_password(place, _libpq_url(postmaster, SUPERUSER), port)


def stop_server(settings: Settings) -> bool:
    """Stop the server; whether it was running. What clients have not committed is rolled back."""
    if find_place(settings) is None:
        return False
    with lock_home(settings.home):
        return _stop(make_place(settings))


def server_status(settings: Settings) -> ServerStatus:
    """Whether the server runs, and where. Starts and writes nothing."""
    place = find_place(settings)
    if place is None:
        return ServerStatus(is_running=False)
    postmaster = read_postmaster(place)
    if postmaster is None or not is_ready(postmaster):
        return ServerStatus(is_running=False, folder=place.folder, log=place.log)
    return ServerStatus(
        is_running=True,
        folder=place.folder,
        pid=postmaster.pid,
        url=_libpq_url(postmaster),
        port=_listening_port(postmaster),
        log=place.log,
    )


def remove_server(settings: Settings) -> None:
    """Stop the server and delete all its data: for throw-away homes only."""
    place = find_place(settings)
    if place is None:
        return
    with lock_home(settings.home):
        _stop(make_place(settings), mode="immediate")
        remove_folder(place.folder)
        with contextlib.suppress(FileNotFoundError):
            (settings.home / "postgresql").unlink()


def _start(place: ServerPlace) -> Postmaster:
    try:
        return _start_or_await(place)
    except OSError as exc:  # a full disk; a container whose root may not change users
        raise WarehouseError(f"the warehouse cannot be started: {exc}") from exc


def _start_or_await(place: ServerPlace) -> Postmaster:
    found = read_postmaster(place)
    if found is not None and is_alive(place, found.pid):
        ready = wait_until_ready(place, found.pid)
        if ready is not None:
            return ready
    if not has_cluster(place):
        for orphan in find_orphans(place):  # of a home that was deleted: its data is kept
            _stop(orphan)
        create_cluster(place)
    port = _read_port(place)
    write_access(place, is_listening=port is not None)
    return start_postmaster(place, port)


def _stop(place: ServerPlace, mode: str = "fast") -> bool:
    found = read_postmaster(place)
    if found is None or not is_alive(place, found.pid):
        return False
    stop_postmaster(place, mode)
    return True


def _libpq_url(postmaster: Postmaster, user: str = DATABASE) -> str:
    host = quote(postmaster.socket_dir, safe="")
    return f"postgresql://{user}@/{DATABASE}?host={host}&port={DEFAULT_PORT}"


def _sqlalchemy_url(postmaster: Postmaster) -> str:
    return _libpq_url(postmaster).replace("postgresql:", "postgresql+psycopg:", 1)


def _listening_port(postmaster: Postmaster | None) -> int | None:
    return postmaster.port if postmaster is not None and postmaster.listen.strip() else None


def _read_port(place: ServerPlace) -> int | None:
    return int(place.port_file.read_text("ascii")) if place.port_file.exists() else None


def _write_port(place: ServerPlace, port: int) -> None:
    if port:
        place.port_file.write_text(str(port), "ascii")
    else:
        place.port_file.unlink(missing_ok=True)


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
