"""The server process: what `postmaster.pid` says of it; starting, awaiting and stopping it."""

import os
import re
import socket
import struct
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.cluster import child_options, run_binary
from silkwire.warehouse.embedded.place import ServerPlace
from silkwire.warehouse.embedded.sockets import choose_socket_dir

DEFAULT_PORT = 5432
_START_SECONDS = 120.0
_ORPHAN_SECONDS = 15.0
_MAX_LOG_BYTES = 10_000_000
_ANSWER_SECONDS = 2.0
# the cheapest question that a server answers (PostgreSQL: "SSLRequest" in Message Formats)
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
# the shell detaches the server from us, else a killed server stays our zombie and looks alive
_DETACH = '"$@" </dev/null >&2 & echo $!'


@dataclass(frozen=True, slots=True)
class Postmaster:
    """What a data folder's `postmaster.pid` says (PostgreSQL: miscadmin.h, LOCK_FILE_LINE_*)."""

    pid: int
    port: int
    socket_dir: str
    listen: str
    status: str

    @property
    def socket(self) -> str:
        return f"{self.socket_dir}/.s.PGSQL.{self.port}"


def read_postmaster(place: ServerPlace) -> Postmaster | None:
    """What the pid file says, whether or not that process still lives; None if there is none."""
    try:
        lines = (place.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (8 - len(lines))
    port = int(lines[3]) if lines[3].strip().isdigit() else DEFAULT_PORT
    return Postmaster(pid, port, lines[4], lines[5], lines[7].strip())


def is_ready(postmaster: Postmaster | None) -> bool:
    """Whether a server answers on its socket, which lies in a folder that is ours alone."""
    if postmaster is None or postmaster.status != "ready":
        return False
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_ANSWER_SECONDS)
        try:
            client.connect(postmaster.socket)
            client.sendall(_SSL_REQUEST)
            return client.recv(1) in (b"N", b"S")
        except OSError:
            return False


def is_alive(place: ServerPlace, pid: int) -> bool:
    """Whether `pid` is a server of this data folder: after a crash it may be anybody's by now."""
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE or "postgres" not in process.name():
            return False
        return process.cwd() in (str(place.data), "")
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def start_postmaster(place: ServerPlace, port: int | None) -> Postmaster:
    """Start the server (listening on loopback if `port` is given) and wait until it answers.

    After a kill -9 of the server its last children may need a moment to notice: tried again.
    """
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        _remove_leftovers(place)
        log_start = _rotate_log(place)
        pid = _launch(place, port)
        postmaster = wait_until_ready(place, pid)
        if postmaster is not None:
            _keep_socket_name(postmaster)
            return postmaster
        said = _read_log(place, log_start)
        if "pre-existing shared memory block" not in said or time.monotonic() > deadline:
            raise WarehouseError(f"the warehouse does not start: {_why(said)} (see {place.log})")
        time.sleep(0.2)


def _keep_socket_name(postmaster: Postmaster) -> None:
    """The socket is named after the port; urls handed out use the default one, and stay true."""
    if postmaster.port != DEFAULT_PORT:
        usual = Path(postmaster.socket_dir) / f".s.PGSQL.{DEFAULT_PORT}"
        usual.unlink(missing_ok=True)
        usual.symlink_to(Path(postmaster.socket).name)


def wait_until_ready(place: ServerPlace, pid: int) -> Postmaster | None:
    """The server once it answers; None if its process ends instead."""
    deadline, pause = time.monotonic() + _START_SECONDS, 0.01
    while time.monotonic() < deadline:
        found = read_postmaster(place)
        if found is not None and found.pid == pid and is_ready(found):
            return found
        if not _exists(pid):
            return None
        if found is not None and found.status == "ready" and not Path(found.socket).exists():
            stop_postmaster(place)  # its socket was deleted: nobody will reach it again
            return None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    raise WarehouseError(
        f"the warehouse is still starting after {_START_SECONDS:.0f} s "
        f"(recovering from a crash?): try again later, or see {place.log}"
    )


def stop_postmaster(place: ServerPlace, mode: str = "fast") -> None:
    """Stop the server, rolling back what runs. Raises WarehouseError if it does not end."""
    run_binary(place, "pg_ctl", "stop", f"--mode={mode}", "--wait", "-D", str(place.data))


def _launch(place: ServerPlace, port: int | None) -> int:
    settings = {
        "unix_socket_directories": choose_socket_dir(place),
        "unix_socket_permissions": "0700",
        "listen_addresses": "localhost" if port else "",
        "port": port or DEFAULT_PORT,
        "hba_file": place.hba,
        "ident_file": place.ident,
        "fsync": "on" if place.is_fsync else "off",
        "full_page_writes": "on" if place.is_fsync else "off",
    }
    command = [str(place.bin / "postgres"), "-D", str(place.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    handle = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    try:
        done = subprocess.run(  # noqa: S603  # no text of others in it
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=handle,
            start_new_session=True,
            check=True,
            **child_options(place),
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        raise WarehouseError(f"the warehouse does not start: {exc}") from exc
    finally:
        os.close(handle)
    return int(done.stdout)


def _exists(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _remove_leftovers(place: ServerPlace) -> None:
    """Drop the pid files of a server that died: its pid may belong to another process by now,
    which PostgreSQL would take for a running server."""
    found = read_postmaster(place)
    if found is None:
        return
    if is_alive(place, found.pid):
        raise WarehouseError(f"process {found.pid} is using {place.data} but does not answer")
    (place.data / "postmaster.pid").unlink(missing_ok=True)
    for left in (place.folder / "run").glob(".s.PGSQL.*"):
        left.unlink(missing_ok=True)


def _rotate_log(place: ServerPlace) -> int:
    """Where the log of the coming start begins."""
    size = place.log.stat().st_size if place.log.exists() else 0
    if size <= _MAX_LOG_BYTES:
        return size
    place.log.replace(place.log.with_name("server.log.1"))
    return 0


def _read_log(place: ServerPlace, start: int) -> str:
    with place.log.open("rb") as log:
        log.seek(start)
        return log.read(100_000).decode("utf-8", "replace")


def _why(said: str) -> str:
    """The last fatal message in a piece of the server's log, without its time stamp."""
    lines = said.splitlines()
    bound = [line for line in lines if "could not bind" in line]
    fatal = [line for line in lines if "FATAL:" in line or "PANIC:" in line]
    last = (bound or fatal or lines or ["it said nothing"])[-1]
    return re.sub(r"^.*?(LOG|FATAL|PANIC):\s+", "", last)
