"""Files that appear whole or not at all, on a local disk or on any fsspec file system."""

import contextlib
import os
import posixpath
import uuid
from collections.abc import Iterator
from typing import IO, Any

from silkwire.errors import StorageError


@contextlib.contextmanager
def open_whole(fs: Any, target: str, *, is_synced: bool = False) -> Iterator[IO[bytes]]:
    """Write `target`, whose folder is made: beside it first, under its name when it is whole.

    What is beside it has a name that nobody else uses, since a process that lost its lock may
    still be writing; what one that died left there is removed. `is_synced` waits for the disk.
    Raises StorageError if it cannot be written.
    """
    try:
        with _write_beside(fs, target, is_synced=is_synced) as out:
            yield out
    except OSError as exc:
        folder, name = posixpath.split(target)
        raise StorageError(f"{folder} cannot be written: {exc.strerror or exc} ({name})") from exc


@contextlib.contextmanager
def _write_beside(fs: Any, target: str, *, is_synced: bool) -> Iterator[IO[bytes]]:
    folder, name = posixpath.split(target)
    fs.makedirs(folder, exist_ok=True)
    beside = posixpath.join(folder, f".{name}.{uuid.uuid4().hex}.partial")
    try:
        with fs.open(beside, "wb") as out:
            yield out
            if is_synced and _is_local(fs):
                out.flush()
                os.fsync(out.fileno())
        _rename(fs, beside, target)
    except BaseException:
        with contextlib.suppress(OSError):
            fs.rm_file(beside)
        raise
    _remove_leftovers(fs, folder, name)


def _rename(fs: Any, path: str, target: str) -> None:
    if _is_local(fs):
        os.replace(path, target)  # noqa: PTH105 - fsspec speaks in strings
    else:
        fs.mv(path, target)


def _remove_leftovers(fs: Any, folder: str, name: str) -> None:
    fs.invalidate_cache(folder)
    for path in fs.ls(folder, detail=False):
        found = posixpath.basename(path)
        if found.startswith(f".{name}.") and found.endswith(".partial"):
            with contextlib.suppress(OSError):
                fs.rm_file(path)


def _is_local(fs: Any) -> bool:
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)
