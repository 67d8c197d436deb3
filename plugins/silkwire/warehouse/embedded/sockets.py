"""The folder of the server's Unix socket: private, and with a path short enough for one."""

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from silkwire.warehouse.embedded.place import ServerPlace

_MAX_SOCKET_BYTES = 103 if sys.platform == "darwin" else 107  # sun_path in sys/un.h, less NUL
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]+")
_PRIVATE = 0o700


def choose_socket_dir(place: ServerPlace) -> Path:
    """A folder of the server's user alone, with a path that fits: `run`, or what it links to."""
    run = place.folder / "run"
    longest = len(os.fsencode(run)) + len("/.s.PGSQL.65535")
    if longest <= _MAX_SOCKET_BYTES and _PLAIN_PATH.fullmatch(str(run)):
        run.mkdir(exist_ok=True)
        _own_alone(place, run)
        return run
    if run.is_symlink() and _is_owned_alone(place, run.readlink()):
        return run.readlink()
    short = Path(tempfile.mkdtemp(prefix="silkwire-", dir="/tmp"))  # $TMPDIR may be long
    _own_alone(place, short)
    run.unlink(missing_ok=True)
    run.symlink_to(short)
    return short


def _own_alone(place: ServerPlace, folder: Path) -> None:
    folder.chmod(_PRIVATE)
    if place.is_foreign_user:
        os.chown(folder, place.uid, place.gid)


def _is_owned_alone(place: ServerPlace, folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return (
        found.st_uid == place.uid
        and stat.S_IMODE(found.st_mode) == _PRIVATE
        and stat.S_ISDIR(found.st_mode)
    )
