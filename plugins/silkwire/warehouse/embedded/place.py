"""Where the embedded server lives: `<home>/postgresql`, or what that symbolic link points to.

PostgreSQL refuses to run as root, and a home of root is closed to everybody else. So for root the
server is another user's and its folder lies under `/var/lib/silkwire`. The link, not a name derived
from the home, is what ties the two together: a home that was deleted and made again starts empty.
"""

import fcntl
import hashlib
import os
import pwd
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from silkwire.config import Settings
from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded import binaries

ROOT_BASE = Path("/var/lib/silkwire")
_SERVER_USERS = ("silkwire", "postgres", "nobody")


@dataclass(frozen=True, slots=True)
class ServerPlace:
    """One embedded server: its folder, the binaries that serve it, and the user it runs as."""

    folder: Path
    bin: Path
    uid: int
    gid: int
    is_fsync: bool = True

    @property
    def data(self) -> Path:
        """PGDATA."""
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def hba(self) -> Path:
        return self.folder / "pg_hba.conf"

    @property
    def ident(self) -> Path:
        return self.folder / "pg_ident.conf"

    @property
    def port_file(self) -> Path:
        """Holds the TCP port if the server listens on loopback."""
        return self.folder / "port"

    @property
    def reader_password(self) -> Path:
        return self.folder / "reader.password"

    @property
    def is_foreign_user(self) -> bool:
        """Whether the server runs as another user than this process (that is root's case)."""
        return self.uid != os.geteuid()


def find_place(settings: Settings) -> ServerPlace | None:
    """The server of this home, None if there is none yet. Writes nothing."""
    folder = (settings.home / "postgresql").resolve()
    data = folder / "data"
    try:
        if not folder.is_dir():
            return None
    except OSError as exc:
        raise _cannot_use(settings.home, exc) from exc
    copies = _folder_of_copies(folder)
    bin_dir = binaries.find_bin() if copies is None else binaries.bin_of_copy(copies)
    if os.geteuid() != 0:
        owner = os.geteuid(), os.getegid()
    else:
        owner = (data.stat().st_uid, data.stat().st_gid) if data.exists() else _server_user()
    return ServerPlace(folder, bin_dir, *owner, is_fsync=settings.server_fsync)


def _folder_of_copies(folder: Path) -> Path | None:
    """Where a copy of the binaries must be: root's servers share one, others seldom need any."""
    if os.geteuid() == 0:
        return folder.parent
    return None if binaries.is_usable(binaries.find_bin()) else folder


def make_place(settings: Settings) -> ServerPlace:
    """The server of this home; its folder and (for root) its binaries are made if missing.

    Call it under `lock_home`. Raises WarehouseError if a folder cannot be made.
    """
    link = settings.home / "postgresql"
    try:
        if not link.resolve().is_dir():
            _make_folder(settings, link)
        place = find_place(settings)
        assert place is not None
        copies = _folder_of_copies(place.folder)
        if copies is not None:
            binaries.copy_binaries(copies)
    except OSError as exc:
        raise WarehouseError(f"the warehouse's folder cannot be made: {exc}") from exc
    return place


def _make_folder(settings: Settings, link: Path) -> None:
    base = settings.server_dir or (ROOT_BASE if os.geteuid() == 0 else None)
    if base is None:
        link.mkdir(mode=0o700)
        return
    home_hash = hashlib.sha256(os.fsencode(settings.home)).hexdigest()[:12]
    folder = base / f"{home_hash}-{secrets.token_hex(3)}"
    folder.mkdir(parents=True)
    folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
    (folder / "home").write_bytes(os.fsencode(settings.home))
    link.unlink(missing_ok=True)  # it led to a folder that is gone
    link.symlink_to(folder)


def find_orphans(place: ServerPlace) -> list[ServerPlace]:
    """The servers beside this one whose home is gone, or has another server by now."""
    orphans = []
    for note in place.folder.parent.glob("*/home"):
        link = Path(os.fsdecode(note.read_bytes())) / "postgresql"
        data = note.with_name("data")
        if link.resolve() != note.parent and data.exists():
            found = data.stat()
            orphans.append(replace(place, folder=note.parent, uid=found.st_uid, gid=found.st_gid))
    return orphans


def _server_user() -> tuple[int, int]:
    for name in _SERVER_USERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        if user.pw_uid != 0:
            return user.pw_uid, user.pw_gid
    raise WarehouseError(
        "root cannot run PostgreSQL, and there is none of the users "
        f"{', '.join(_SERVER_USERS)} to run it: add one, or set SILKWIRE_WAREHOUSE_URL"
    )


def _cannot_use(home: Path, exc: OSError) -> WarehouseError:
    return WarehouseError(f"the data folder {home} cannot be used: {exc.strerror}")


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
