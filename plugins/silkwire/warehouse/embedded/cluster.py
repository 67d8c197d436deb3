"""The data folder of the embedded server: made whole or not at all, and who may connect to it."""

import os
import pwd
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.binaries import MAJOR
from silkwire.warehouse.embedded.place import ServerPlace

DATABASE = "silkwire"
SUPERUSER = "postgres"

_INITDB = (
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--data-checksums",
    "--auth-local=peer",
    "--auth-host=scram-sha-256",
    f"--username={SUPERUSER}",
    "--no-instructions",
)
_SETTINGS = {
    "timezone": "UTC",
    "log_timezone": "UTC",
    # a statement of a client that was killed ends soon, and with it its locks
    "client_connection_check_interval": "10s",
    # errors go to the client; the log is for what happens to the server
    "log_min_messages": "log",
    "log_checkpoints": "off",
}
# run in template1, before its copy is made; each line is a statement of its own, since CREATE
# DATABASE wants no transaction around it
_SETUP = f"""\
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC
CREATE ROLE {DATABASE} LOGIN CREATEROLE
CREATE DATABASE {DATABASE} OWNER {DATABASE}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
"""


def has_cluster(place: ServerPlace) -> bool:
    """Whether the data folder is ours to start. Raises WarehouseError if it is something else."""
    if not place.data.exists() or not any(place.data.iterdir()):
        return False
    owner = place.data.stat().st_uid
    if owner != place.uid:
        raise WarehouseError(f"{place.data} belongs to another user ({_user_name(owner)})")
    try:
        major = (place.data / "PG_VERSION").read_text("ascii").strip()
    except (OSError, ValueError) as exc:
        raise WarehouseError(f"{place.data} is not a data folder of PostgreSQL") from exc
    if major != str(MAJOR):
        raise WarehouseError(
            f"{place.data} is from PostgreSQL {major}, but silkwire brings {MAJOR}: "
            "dump it with the version that wrote it, move it away and restore"
        )
    return True


def create_cluster(place: ServerPlace) -> None:
    """Run initdb, then add role and database; the folder gets its name when all is done."""
    partial = place.data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    if place.is_foreign_user:
        os.chown(partial, place.uid, place.gid)
    sync = () if place.is_fsync else ("--no-sync",)
    options = [f"--set={name}={value}" for name, value in _SETTINGS.items()]
    run_binary(place, "initdb", *_INITDB, *sync, *options, f"--pgdata={partial}")
    fsync = f"fsync={'on' if place.is_fsync else 'off'}"
    done = run_binary(
        place, "postgres", "--single", "-c", fsync, "-D", str(partial), "template1", stdin=_SETUP
    )
    if any(word in done.stderr for word in ("ERROR:", "FATAL:", "PANIC:")):
        raise WarehouseError(f"the new warehouse could not be set up: {_last_line(done.stderr)}")
    partial.rename(place.data)


def write_access(place: ServerPlace, *, is_listening: bool) -> None:
    """Who may connect: the owner by peer, as any role; by TCP the reader alone, with a password.

    Both files belong to this process's user, so that the server's user cannot widen them.
    """
    owner = _user_name(os.geteuid()).replace('"', '""')
    lines = ["local all all peer map=owner"]
    if is_listening:
        reader = f"{DATABASE}_reader"
        lines += [
            f"host {DATABASE} {reader} {net} scram-sha-256" for net in ("127.0.0.1/32", "::1/128")
        ]
    place.hba.write_text("\n".join(lines) + "\n", "utf-8")
    place.ident.write_text(f'owner "{owner}" all\n', "utf-8")
    for path in (place.hba, place.ident):
        path.chmod(0o644)  # inside a folder that is private, or closed for listing


def run_binary(
    place: ServerPlace, name: str, *args: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run one of the server's binaries as the server's user. Raises WarehouseError if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # our own binaries, no shell
            [str(place.bin / name), *args],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            **child_options(place),
        )
    except OSError as exc:
        raise WarehouseError(
            f"{name} cannot be run as user {_user_name(place.uid)}: {exc.strerror}: "
            f"{exc.filename or place.bin}"
        ) from exc
    if done.returncode:
        raise WarehouseError(f"{name} failed: {_last_line(done.stderr or done.stdout)}")
    return done


def child_options(place: ServerPlace) -> dict[str, Any]:
    """How a child process becomes the server's user, with nothing of our environment."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}
    options: dict[str, Any] = {"env": environment, "cwd": "/", "umask": 0o077}
    if place.is_foreign_user:
        options |= {"user": place.uid, "group": place.gid, "extra_groups": []}
    return options


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _last_line(text: str) -> str:
    """The line that says what went wrong: the last error, else the last line."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if "error: " in line or "FATAL: " in line]
    return re.sub(r"^\w+: (error: )?", "", (errors or lines or ["no message"])[-1])


def remove_folder(folder: Path) -> None:
    """Delete a server's folder and what it left elsewhere; no error if it is gone."""
    run = folder / "run"
    if run.is_symlink():
        shutil.rmtree(run.readlink(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)
