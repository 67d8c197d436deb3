"""Make the data folder (PGDATA) of the embedded server, completely or not at all."""

import os
import shutil

from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.access import DATABASE, SUPERUSER
from silkwire.warehouse.embedded.binaries import MAJOR
from silkwire.warehouse.embedded.commands import find_error, run_binary
from silkwire.warehouse.embedded.folder import ServerFolder, user_name

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
    "--set=timezone=UTC",
    "--set=log_timezone=UTC",
    # so that the statement of a killed client ends soon and frees its locks
    "--set=client_connection_check_interval=10s",
    # errors of statements go to the client alone, not into the log
    "--set=log_min_messages=log",
    "--set=log_checkpoints=off",
)
# Run in template1, before its copy is made. Each line is a statement, because CREATE DATABASE
# cannot run in a transaction.
_SETUP = f"""\
REVOKE EXECUTE ON FUNCTION lo_create(oid), lo_creat(integer), lo_from_bytea(oid, bytea) FROM PUBLIC
CREATE ROLE {DATABASE} LOGIN CREATEROLE
CREATE DATABASE {DATABASE} OWNER {DATABASE}
REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC
"""


def has_data(folder: ServerFolder) -> bool:
    """Whether there is a data folder. Raises WarehouseError if the server cannot use it."""
    data = folder.data
    if not data.exists() or not any(data.iterdir()):
        return False
    owner = data.stat().st_uid
    if owner != folder.uid:
        raise WarehouseError(f"{data} belongs to another user ({user_name(owner)})")
    try:
        major = (data / "PG_VERSION").read_text("ascii").strip()
    except (OSError, ValueError) as exc:
        raise WarehouseError(f"{data} is not a data folder of PostgreSQL") from exc
    if major != str(MAJOR):
        raise WarehouseError(
            f"{data} is from PostgreSQL {major}, but silkwire brings {MAJOR}: "
            "dump it with the version that wrote it, move it away and restore"
        )
    return True


def create_data(folder: ServerFolder) -> None:
    """Run initdb, then add role and database. The folder gets its final name when all is done."""
    partial = folder.data.with_name("data.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(mode=0o700)
    if folder.is_foreign_user:
        os.chown(partial, folder.uid, folder.gid)
    sync = () if folder.is_fsync else ("--no-sync",)
    run_binary(folder, "initdb", *_INITDB, *sync, f"--pgdata={partial}")
    fsync = f"fsync={'on' if folder.is_fsync else 'off'}"
    options = ("--single", "-c", fsync, "-D", str(partial), "template1")
    done = run_binary(folder, "postgres", *options, stdin=_SETUP)
    if any(word in done.stderr for word in ("ERROR:", "FATAL:", "PANIC:")):
        raise WarehouseError(f"the new warehouse could not be set up: {find_error(done.stderr)}")
    partial.rename(folder.data)
