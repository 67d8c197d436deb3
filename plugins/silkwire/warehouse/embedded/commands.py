"""Run PostgreSQL's binaries as the server's user, without our environment variables."""

import os
import re
import subprocess
from typing import Any

from silkwire.errors import WarehouseError
from silkwire.warehouse.embedded.folder import ServerFolder, user_name


def run_binary(
    folder: ServerFolder, name: str, *args: str, stdin: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run `name` of the folder's binaries to its end. Raises WarehouseError if it fails."""
    try:
        done = subprocess.run(  # noqa: S603  # our own binaries, no shell
            [str(folder.bin / name), *args],
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            **child_options(folder),
        )
    except OSError as exc:
        raise WarehouseError(
            f"{name} cannot be run as user {user_name(folder.uid)}: {exc.strerror}: "
            f"{exc.filename or folder.bin}"
        ) from exc
    if done.returncode:
        raise WarehouseError(f"{name} failed: {find_error(done.stderr or done.stdout)}")
    return done


def child_options(folder: ServerFolder) -> dict[str, Any]:
    """The arguments of `subprocess.run` that make the child process the server's user."""
    environment = {"PATH": os.defpath, "LC_ALL": "C", "HOME": "/", "TZ": "UTC"}
    options: dict[str, Any] = {"env": environment, "cwd": "/", "umask": 0o077}
    if folder.is_foreign_user:
        options |= {"user": folder.uid, "group": folder.gid, "extra_groups": []}
    return options


def find_error(output: str) -> str:
    """The message in PostgreSQL's output that says what failed: the last error, else the last line.

    A message about an address in use is preferred: the FATAL line after it does not name the
    address.
    """
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    in_use = [line for line in lines if "could not bind" in line]
    errors = [line for line in lines if re.search("error: |ERROR: |FATAL: |PANIC: ", line)]
    last = (in_use or errors or lines or ["no message"])[-1]
    return re.sub(r"^(.*?(LOG|error|ERROR|FATAL|PANIC):\s+|\w+: )", "", last)
