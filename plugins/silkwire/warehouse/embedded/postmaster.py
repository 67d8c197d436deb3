"""What `postmaster.pid` says about the server, and whether that process is alive and answers."""

import socket
import struct
from dataclasses import dataclass

import psutil

from silkwire.warehouse.embedded.folder import ServerFolder

DEFAULT_PORT = 5432
_ANSWER_SECONDS = 2.0
# the cheapest request that a server answers (PostgreSQL: "SSLRequest" in Message Formats)
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The content of a `postmaster.pid` (PostgreSQL: miscadmin.h, LOCK_FILE_LINE_*)."""

    pid: int
    port: int
    socket_dir: str
    listen: str
    status: str

    @property
    def socket(self) -> str:
        return f"{self.socket_dir}/.s.PGSQL.{self.port}"

    @property
    def tcp_port(self) -> int:
        """The TCP port; 0 if the server does not listen on loopback."""
        return self.port if self.listen.strip() else 0


def read_postmaster(folder: ServerFolder) -> Postmaster | None:
    """Read the pid file, whether or not its process is alive; None if there is no such file."""
    try:
        lines = (folder.data / "postmaster.pid").read_text("utf-8", "replace").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (8 - len(lines))
    port = int(lines[3]) if lines[3].strip().isdigit() else DEFAULT_PORT
    return Postmaster(pid, port, lines[4], lines[5], lines[7].strip())


def find_ready(folder: ServerFolder) -> Postmaster | None:
    """The server if it answers on its socket, which no other user can have made; else None."""
    found = read_postmaster(folder)
    if found is None or found.status != "ready":
        return None
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(_ANSWER_SECONDS)
        try:
            client.connect(found.socket)
            client.sendall(_SSL_REQUEST)
            return found if client.recv(1) in (b"N", b"S") else None
        except OSError:
            return None


def find_alive(folder: ServerFolder) -> Postmaster | None:
    """The server if its process is alive; None if it is dead, or if another process has its pid."""
    found = read_postmaster(folder)
    if found is None:
        return None
    try:
        process = psutil.Process(found.pid)
        is_server = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
        return found if is_server and process.cwd() in (str(folder.data), "") else None
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return found
