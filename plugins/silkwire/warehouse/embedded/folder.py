"""The folder of the embedded server: `<home>/postgresql`, or what that symbolic link points to.

PostgreSQL refuses to run as root, and nobody else can enter root's home. So root's server runs as
another user, and its folder is under `/var/lib/silkwire`. The link connects the two, not a name
derived from the home: a home that was deleted and made again starts with an empty warehouse.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from silkwire.config import Settings
from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded import binaries

ROOT_BASE = Path("/var/lib/silkwire")
_SERVER_USERS = ("silkwire", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """The folder of one embedded server, the binaries it runs, and the user it runs as."""

    path: Path
    bin: Path
    uid: int
    gid: int
    is_fsync: bool = True

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.path / "data"

    @property
    def log(self) -> Path:
        return self.path / "server.log"

    @property
    def hba(self) -> Path:
        return self.path / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.path / "pg_ident.conf"

    @property
    def home_note(self) -> Path:
        """Names the home that links to this folder; missing if the folder lies in its home."""
        return self.path / "home"

    @property
    def is_foreign_user(self) -> bool:
        """Whether the server runs as another user than this process, which then is root."""
        return self.uid != os.geteuid()


def find_folder(settings: Settings) -> ServerFolder | None:
    """The server's folder of this home, None if there is none yet. Writes nothing."""
    path = (settings.home / "postgresql").resolve()
    try:
        if not path.is_dir():
            return None
    except OSError as exc:
        raise _cannot_use(settings.home, exc) from exc
    copies = _folder_of_copies(path)
    bin_dir = binaries.find_bin() if copies is None else binaries.bin_of_copy(copies)
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0:
        uid, gid = find_owner(path / "data") or _find_server_user()
    return ServerFolder(path, bin_dir, uid, gid, is_fsync=settings.server_fsync)


def make_folder(settings: Settings) -> ServerFolder:
    """The server's folder of this home; it and its copied binaries are made if they are missing.

    Call it under `lock_home`. Raises WarehouseError if a folder cannot be made.
    """
    link = settings.home / "postgresql"
    try:
        if not link.resolve().is_dir():
            _make_linked(settings, link)
        folder = find_folder(settings)
        assert folder is not None
        copies = _folder_of_copies(folder.path)
        if copies is not None:
            binaries.copy_binaries(copies)
    except OSError as exc:
        raise WarehouseError(f"the warehouse's folder cannot be made: {exc}") from exc
    return folder


def _folder_of_copies(path: Path) -> Path | None:
    """The folder for copied binaries, which root's servers share; None if no copy is needed."""
    if os.geteuid() == 0:
        return path.parent
    return None if binaries.is_usable(binaries.find_bin()) else path


def find_base(settings: Settings) -> Path | None:
    """Where servers' folders lie that are not in their homes."""
    return settings.server_dir or (ROOT_BASE if os.geteuid() == 0 else None)


def note_home(folder: ServerFolder, home: Path) -> None:
    """Keep the note of the folder's home right after the home was moved."""
    if folder.home_note.exists() and read_home(folder.path) != home:
        folder.home_note.write_bytes(os.fsencode(home))


def read_home(path: Path) -> Path:
    return Path(os.fsdecode((path / "home").read_bytes()))


def is_home_gone(path: Path) -> bool:
    """Whether the home that the folder's note names is gone, or links to another folder.

    A home that cannot be read is not gone.
    """
    try:
        return not path.samefile(read_home(path) / "postgresql")
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def _make_linked(settings: Settings, link: Path) -> None:
    base = find_base(settings)
    if base is None:
        link.mkdir(mode=0o700)
        return
    home_hash = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    path = base / f"{home_hash}-{secrets.token_hex(3)}"
    path.mkdir(parents=True)
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    (path / "home").write_bytes(os.fsencode(settings.home))
    link.unlink(missing_ok=True)  # its target is gone
    link.symlink_to(path)


def find_orphans(folder: ServerFolder) -> list[ServerFolder]:
    """Folders of other servers beside this one, whose home is gone or links to another folder."""
    orphans = []
    for note in folder.path.parent.glob("*/home"):
        owner = find_owner(note.with_name("data"))
        if owner is not None and is_home_gone(note.parent):
            orphans.append(replace(folder, path=note.parent, uid=owner[0], gid=owner[1]))
    return orphans


def remove_folder(path: Path) -> None:
    """Delete a server's folder, and its socket's folder in /tmp; no error if they are gone."""
    run = path / "run"
    if run.is_symlink():
        shutil.rmtree(run.readlink(), ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def lock_home(home: Path) -> Iterator[None]:
    """Hold this home's lock among all processes; the system frees it when its holder dies."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(home / ".server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as exc:
        raise _cannot_use(home, exc) from exc
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def find_owner(path: Path) -> tuple[int, int] | None:
    if not path.exists():
        return None
    found = path.stat()
    return found.st_uid, found.st_gid


def _find_server_user() -> tuple[int, int]:
    for name in _SERVER_USERS:
        with suppress(KeyError):
            user = pwd.getpwnam(name)
            if user.pw_uid != 0:
                return user.pw_uid, user.pw_gid
    raise WarehouseError(
        "root cannot run PostgreSQL, and there is none of the users "
        f"{', '.join(_SERVER_USERS)} to run it: add one, or set SILKWIRE_WAREHOUSE_URL"
    )


def _cannot_use(home: Path, exc: OSError) -> WarehouseError:
    return WarehouseError(f"the data folder {home} cannot be used: {exc.strerror}")
