"""Servers outside their homes: which there are, which home is gone, and how one is removed."""

import os
import re
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from silkwire.config import Settings
from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.folder import (
    ServerFolder,
    find_base,
    find_folder,
    find_owner,
    is_home_gone,
    read_home,
    remove_folder,
)
from silkwire.warehouse.embedded.postmaster import find_alive

_NAME = re.compile(r"[0-9a-f]{12}-[0-9a-f]{6}")
_STOP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class FoundServer:
    """The folder of one embedded server, and what it is worth."""

    folder: Path
    home: Path
    is_home_gone: bool
    pid: int | None
    """None: it is not running."""
    size_bytes: int


def find_servers(settings: Settings) -> list[FoundServer]:
    """Those in the folder of servers (`SILKWIRE_SERVER_DIR`), and this home's own."""
    own = find_folder(settings)
    folders = set(_find_made(find_base(settings)))
    if own is not None:
        folders.add(own.path)
    return [_describe(path, settings.home) for path in sorted(folders)]


def remove_leftover(server: FoundServer) -> None:
    """Stop the server and delete its data. Raises WarehouseError if its home is there again."""
    path = server.folder
    if not (_is_made(path) and is_home_gone(path)):
        raise WarehouseError(f"{path} is not removed: its home {server.home} is there again")
    _end_process(_as_folder(path))
    remove_folder(path)
    if path.exists():
        raise WarehouseError(f"{path} could not be removed wholly")


def _find_made(base: Path | None) -> Iterator[Path]:
    if base is not None and base.is_dir():
        yield from (path.resolve() for path in base.iterdir() if _is_made(path))


def _is_made(path: Path) -> bool:
    """Whether silkwire made this folder: it has such a name and a note of its home.

    Another user's folder cannot be read, so it is none of ours.
    """
    if path.is_symlink() or not _NAME.fullmatch(path.name):
        return False
    return os.access(path / "home", os.R_OK)


def _describe(path: Path, own_home: Path) -> FoundServer:
    is_linked = _is_made(path)
    alive = find_alive(_as_folder(path))
    return FoundServer(
        folder=path,
        home=read_home(path) if is_linked else own_home,
        is_home_gone=is_linked and is_home_gone(path),
        pid=alive.pid if alive else None,
        size_bytes=_measure(path),
    )


def _as_folder(path: Path) -> ServerFolder:
    """Enough of a folder to find and end its process."""
    uid, gid = find_owner(path / "data") or (os.geteuid(), os.getegid())
    return ServerFolder(path, path, uid, gid)


def _end_process(folder: ServerFolder) -> None:
    """Stop the server by a signal: the programs that it runs may have been deleted."""
    alive = find_alive(folder)
    if alive is None:
        return
    process = psutil.Process(alive.pid)
    if process.cwd() != str(folder.data):
        raise WarehouseError(f"{alive.pid} may be another process than the server of {folder.path}")
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
    try:
        process.wait(_STOP_SECONDS)
    except psutil.TimeoutExpired as exc:
        raise WarehouseError(f"the server {alive.pid} of {folder.path} does not stop") from exc


def _measure(path: Path) -> int:
    """The bytes that the folder takes on the disk."""
    total = 0
    for folder, _, names in os.walk(path):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512  # noqa: PTH118
            except FileNotFoundError:  # a running server deletes files
                continue
    return total
