"""Remove what the archive holds of a batch."""

import contextlib
import posixpath
from typing import Any

import fsspec

from silkwire.archive.scan import ArchivedBatch


def remove_batch(data_root: str, batch: ArchivedBatch) -> int:
    """Delete the batch's files; return how many. No error for one that is gone.

    The decision goes last: without it, what is left after an interruption would be judged anew by a
    replay.
    """
    fs, root = fsspec.core.url_to_fs(data_root)
    decision = () if batch.decision_file is None else (batch.decision_file,)
    names = (*batch.files, *decision)
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            fs.rm_file(posixpath.join(root, name))
    for folder in {posixpath.dirname(name) for name in names}:
        _remove_empty(fs, root, folder)
    return len(names)


def _remove_empty(fs: Any, root: str, folder: str) -> None:
    """A day's folder with nothing in it, and its month's and year's; object stores have none."""
    with contextlib.suppress(OSError, NotImplementedError):
        while posixpath.dirname(folder):
            fs.rmdir(posixpath.join(root, folder))
            folder = posixpath.dirname(folder)
