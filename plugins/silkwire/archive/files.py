"""The archive files of each batch: list them, remove them."""

import contextlib
import posixpath
import re
from dataclasses import dataclass
from typing import Any

import fsspec

_NAME = re.compile(r"(?P<batch>[^/.][^/]*)-(?P<part>\d{3,}|decision)\.warc\.gz")


@dataclass(frozen=True, slots=True)
class ArchivedBatch:
    """The files of one batch, relative to the data URL."""

    batch_id: str
    files: tuple[str, ...]
    decision_file: str | None


def list_batches(data_root: str) -> tuple[ArchivedBatch, ...]:
    """Every batch that has files in the archive, by the names of these files."""
    fs, root = fsspec.core.url_to_fs(data_root)
    found: dict[str, tuple[list[str], list[str]]] = {}
    try:
        paths = sorted(fs.find(posixpath.join(root, "archive")))
    except FileNotFoundError:
        paths = []
    for path in paths:
        folder, name = posixpath.split(path)
        match = _NAME.fullmatch(name)
        if match is None or posixpath.basename(folder) == "rulesets":
            continue
        shards, decisions = found.setdefault(match["batch"], ([], []))
        wanted = decisions if match["part"] == "decision" else shards
        wanted.append(posixpath.relpath(path, root))
    return tuple(
        ArchivedBatch(batch_id, tuple(shards), decisions[-1] if decisions else None)
        for batch_id, (shards, decisions) in sorted(found.items())
    )


def remove_batch(data_root: str, batch: ArchivedBatch) -> int:
    """Delete the batch's files; return how many. No error for one that is gone.

    The decision file is deleted last: after an interruption, a replay of the other files still
    needs it.
    """
    fs, root = fsspec.core.url_to_fs(data_root)
    names = [*batch.files, *([batch.decision_file] if batch.decision_file else [])]
    for name in names:
        with contextlib.suppress(FileNotFoundError):
            fs.rm_file(posixpath.join(root, name))
    for folder in {posixpath.dirname(name) for name in names}:
        _remove_empty(fs, root, folder)
    return len(names)


def _remove_empty(fs: Any, root: str, folder: str) -> None:
    """Delete the folders of a day, its month and its year if empty; object stores have none."""
    with contextlib.suppress(OSError, NotImplementedError):
        while posixpath.dirname(folder):
            fs.rmdir(posixpath.join(root, folder))
            folder = posixpath.dirname(folder)
