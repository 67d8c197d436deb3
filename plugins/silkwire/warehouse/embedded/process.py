"""Start, await and stop the server process."""

import os
import subprocess
import time
from pathlib import Path

import psutil

from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.commands import child_options, find_error, run_binary
from silkwire.warehouse.embedded.folder import ServerFolder
from silkwire.warehouse.embedded.postmaster import (
    DEFAULT_PORT,
    Postmaster,
    find_alive,
    find_ready,
    read_postmaster,
)
from silkwire.warehouse.embedded.sockets import make_socket_dir

_START_SECONDS = 120.0
_ORPHAN_SECONDS = 15.0
_MAX_LOG_BYTES = 10_000_000
# The shell detaches the server from this process. As our child, a killed server would stay a
# zombie and look alive.
_DETACH = '"$@" </dev/null >&2 & echo $!'


def start_process(folder: ServerFolder, port: int) -> Postmaster:
    """Start the server (listening on loopback if `port` is not 0) and wait until it answers.

    If the server was killed by SIGKILL, its child processes may still be running. The start is then
    repeated until they have ended.
    """
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        _remove_leftovers(folder)
        pid, log_start = _launch(folder, port)
        postmaster = wait_until_ready(folder, pid)
        if postmaster is not None:
            _link_default_socket(postmaster)
            return postmaster
        output = folder.log.read_bytes()[log_start:].decode("utf-8", "replace")
        if "pre-existing shared memory block" not in output or time.monotonic() > deadline:
            reason = find_error(output)
            raise WarehouseError(f"the warehouse does not start: {reason} (see {folder.log})")
        time.sleep(0.2)


def _link_default_socket(postmaster: Postmaster) -> None:
    """Make urls with the default port work: PostgreSQL names the socket after the TCP port."""
    if postmaster.port != DEFAULT_PORT:
        default = Path(postmaster.socket_dir) / f".s.PGSQL.{DEFAULT_PORT}"
        default.unlink(missing_ok=True)
        default.symlink_to(Path(postmaster.socket).name)


def wait_until_ready(folder: ServerFolder, pid: int) -> Postmaster | None:
    """Wait until the server answers, and return it.

    Returns None if its process ends, or if it is stopped here because its socket file is gone.
    Raises WarehouseError if it is still starting after a while.
    """
    deadline, pause = time.monotonic() + _START_SECONDS, 0.01
    while time.monotonic() < deadline:
        ready = find_ready(folder)
        if ready is not None and ready.pid == pid:
            return ready
        if not _exists(pid):
            return None
        found = read_postmaster(folder)
        if found is not None and found.status == "ready" and not Path(found.socket).exists():
            stop_process(folder)  # its socket was deleted, so nobody can reach it any more
            return None
        time.sleep(pause)
        pause = min(pause * 1.5, 0.1)
    raise WarehouseError(
        f"the warehouse is still starting after {_START_SECONDS:.0f} s "
        f"(recovering from a crash?): try again later, or see {folder.log}"
    )


def stop_process(folder: ServerFolder, mode: str = "fast") -> None:
    """Stop the server and roll back open transactions. Raises WarehouseError if it does not end."""
    run_binary(folder, "pg_ctl", "stop", f"--mode={mode}", "--wait", "-D", str(folder.data))


def _launch(folder: ServerFolder, port: int) -> tuple[int, int]:
    """Start the process; return its id, and the byte of the log at which its messages begin."""
    if folder.log.exists() and folder.log.stat().st_size > _MAX_LOG_BYTES:
        folder.log.replace(folder.log.with_name("server.log.1"))
    durable = "on" if folder.is_fsync else "off"
    settings = {
        "unix_socket_directories": make_socket_dir(folder),
        "unix_socket_permissions": "0700",
        "listen_addresses": "localhost" if port else "",
        "port": port or DEFAULT_PORT,
        "hba_file": folder.hba,
        "ident_file": folder.ident,
        "fsync": durable,
        "full_page_writes": durable,
    }
    command = [str(folder.bin / "postgres"), "-D", str(folder.data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    handle = os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    log_start = os.lseek(handle, 0, os.SEEK_END)
    try:
        done = subprocess.run(  # noqa: S603  # nothing of a feed is in the command
            ["/bin/sh", "-c", _DETACH, "sh", *command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=handle,
            start_new_session=True,
            check=True,
            **child_options(folder),
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        raise WarehouseError(f"the warehouse does not start: {exc}") from exc
    finally:
        os.close(handle)
    return int(done.stdout), log_start


def _exists(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _remove_leftovers(folder: ServerFolder) -> None:
    """Delete the pid and socket files of a dead server.

    Another process may have its pid by now, which PostgreSQL would take for a running server.
    """
    alive = find_alive(folder)
    if alive is not None:
        raise WarehouseError(f"process {alive.pid} is using {folder.data} but does not answer")
    if read_postmaster(folder) is not None:
        (folder.data / "postmaster.pid").unlink(missing_ok=True)
        for left in (folder.path / "run").glob(".s.PGSQL.*"):
            left.unlink(missing_ok=True)
