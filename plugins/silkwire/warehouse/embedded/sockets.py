"""The folder of the server's Unix socket: private, and with a path short enough for a socket."""

import os
import re
import stat
import sys
import tempfile
from pathlib import Path

from silkwire.warehouse.embedded.folder import ServerFolder

_MAX_PATH_BYTES = 103 if sys.platform == "darwin" else 107  # sun_path in sys/un.h, less NUL
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/_.-]+")
_PRIVATE = 0o700


def make_socket_dir(folder: ServerFolder) -> Path:
    """`run` in the server's folder; if that path is too long, a folder in /tmp that `run` links to.

    Only the server's user may enter it.
    """
    run = folder.path / "run"
    longest = len(os.fsencode(run)) + len("/.s.PGSQL.65535")
    if longest <= _MAX_PATH_BYTES and _PLAIN_PATH.fullmatch(str(run)):
        run.mkdir(exist_ok=True)
        _make_private(folder, run)
        return run
    if run.is_symlink() and _is_private(folder, run.readlink()):
        return run.readlink()
    short = Path(tempfile.mkdtemp(prefix="silkwire-", dir="/tmp"))  # $TMPDIR may be long
    _make_private(folder, short)
    run.unlink(missing_ok=True)
    run.symlink_to(short)
    return short


def _make_private(folder: ServerFolder, path: Path) -> None:
    path.chmod(_PRIVATE)
    if folder.is_foreign_user:
        os.chown(path, folder.uid, folder.gid)


def _is_private(folder: ServerFolder, path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    return found.st_uid == folder.uid and found.st_mode == stat.S_IFDIR | _PRIVATE
