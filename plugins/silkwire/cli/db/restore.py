"""`silkwire db restore`: replace the warehouse's contents, on any server and for any owner.

The backup's owners and grants are those of the server that it comes from. They are left out: the
user who restores owns everything, and `sql/roles.sql` says what our roles may do.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO, Annotated

import typer

from silkwire.cli.db.psql import find_database, upgrade_schema
from silkwire.config import read_settings
from silkwire.errors import WarehouseError

_RESTORE = ("--clean", "--if-exists", "--no-owner", "--no-privileges", "--file=-")
_PSQL = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-")
_UNKNOWN_BEFORE_17 = b"SET transaction_timeout = 0;\n"
_LAST_SETTING = b"SET row_security = off;\n"


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `db backup` wrote.", exists=True)],
) -> None:
    """Replace the warehouse's contents with a backup: all of it, or nothing if that fails.

    The server and the owner may be others than those of the backup, which may be
    of an older version of silkwire. Loader and reader get their rights anew.

    Example: silkwire db restore warehouse.dump
    """
    settings = read_settings()
    _replace_contents(find_database(settings), file)
    upgrade_schema(settings)


def _replace_contents(database: str, file: Path) -> None:
    """Pass the backup through psql, in one transaction. Raises WarehouseError: nothing changed."""
    from silkwire.warehouse.embedded.binaries import find_bin

    with tempfile.TemporaryFile() as errors:
        command = [str(find_bin() / "psql"), *_PSQL, "--output=/dev/null", f"--dbname={database}"]
        quiet = os.environ | {"PGOPTIONS": "-c client_min_messages=error"}
        psql = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, env=quiet)  # noqa: S603
        assert psql.stdin is not None
        try:
            _write_statements(psql.stdin, [str(find_bin() / "pg_restore"), *_RESTORE, str(file)])
        except BrokenPipeError:
            pass  # psql has ended and said why
        except BaseException:
            psql.kill()  # before it sees the end of its input and commits
            psql.wait()
            raise
        psql.communicate()
        if psql.returncode:
            raise WarehouseError(f"nothing was restored: {_find_error(errors)}")


def _write_statements(psql: IO[bytes], pg_restore: list[str]) -> None:
    from silkwire.resources import SQL_DIR
    from silkwire.warehouse.statements import read_statements

    own = read_statements(__file__)
    psql.write(f"{own['begin'].text};\n".encode())
    with tempfile.TemporaryFile() as errors:
        dump = subprocess.Popen(pg_restore, stdout=subprocess.PIPE, stderr=errors)  # noqa: S603
        with dump:
            assert dump.stdout is not None
            _copy_dump(dump.stdout, psql)
        if dump.returncode:
            raise WarehouseError(f"nothing was restored: {_find_error(errors)}")
    psql.write(f"{own['end'].text};\n".encode())
    psql.write((SQL_DIR / "roles.sql").read_bytes())


def _copy_dump(dump: IO[bytes], psql: IO[bytes]) -> None:
    """Leave out the one setting that servers before PostgreSQL 17 do not know."""
    for line in dump:
        if line != _UNKNOWN_BEFORE_17:
            psql.write(line)
        if line == _LAST_SETTING:
            break
    shutil.copyfileobj(dump, psql, 1 << 20)


def _find_error(output: IO[bytes]) -> str:
    """The first error that PostgreSQL's program printed."""
    output.seek(0)
    lines = output.read().decode("utf-8", "replace").splitlines()
    found = next((line for line in lines if "ERROR: " in line or "error: " in line), "")
    return found.partition("ERROR:")[2].strip() or found or " ".join(lines) or "no message"
