"""Write files that appear whole or not at all, on a local disk or on any fsspec file system."""

import contextlib
import os
import posixpath
import uuid
from collections.abc import Iterator
from typing import IO, Any

from fsspec.implementations.local import LocalFileSystem

from silkwire.errors import StorageError


@contextlib.contextmanager
def open_whole(fs: Any, target: str, *, is_synced: bool = False) -> Iterator[IO[bytes]]:
    """Write a partial file beside `target`, and rename it to `target` when it is whole.

    The folder is made. The partial file's name is unique, because a process that lost its lock may
    still be writing; partial files that dead processes left are removed. `is_synced` waits until
    the bytes are on the disk. Raises StorageError if the file cannot be written.
    """
    folder, name = posixpath.split(target)
    partial = posixpath.join(folder, f".{name}.{uuid.uuid4().hex}.partial")
    is_local = isinstance(fs, LocalFileSystem)
    try:
        fs.makedirs(folder, exist_ok=True)
        with fs.open(partial, "wb") as out:
            yield out
            if is_synced and is_local:
                out.flush()
                os.fsync(out.fileno())
        if is_local:
            os.replace(partial, target)  # noqa: PTH105 - fsspec's paths are strings
        else:
            fs.mv(partial, target)
        _remove_leftovers(fs, folder, name)
    except BaseException as exc:
        with contextlib.suppress(OSError):
            fs.rm_file(partial)
        if isinstance(exc, OSError):
            reason = exc.strerror or exc
            raise StorageError(f"{folder} cannot be written: {reason} ({name})") from exc
        raise


def _remove_leftovers(fs: Any, folder: str, name: str) -> None:
    fs.invalidate_cache(folder)
    for path in fs.ls(folder, detail=False):
        found = posixpath.basename(path)
        if found.startswith(f".{name}.") and found.endswith(".partial"):
            with contextlib.suppress(OSError):
                fs.rm_file(path)
