"""The batch's folder: steps pass rows on as JSON lines under the data URL, never through XCom.

A file appears whole or not at all, so a step that was killed can simply run again.
"""

import posixpath
from collections.abc import Iterable, Iterator
from typing import TypeVar

import fsspec
import msgspec

from silkwire.errors import BatchError
from silkwire.wholefiles import open_whole

T = TypeVar("T")


class BatchFolder:
    """`<data_root>/batches/<batch_id>/`, on any fsspec file system."""

    def __init__(self, data_root: str, batch_id: str):
        self._fs, root = fsspec.core.url_to_fs(data_root)
        self.path = posixpath.join(root, "batches", batch_id)

    def write(self, name: str, rows: Iterable[object]) -> int:
        """Write `rows` (dataclasses) as `name`, one JSON object a line; return how many."""
        encoder, buffer, count = msgspec.json.Encoder(), bytearray(), 0
        with open_whole(self._fs, self._at(name)) as out:
            for row in rows:
                encoder.encode_into(row, buffer)
                out.write(buffer)
                out.write(b"\n")
                count += 1
        return count

    def read(self, name: str, row_type: type[T]) -> Iterator[T]:
        """The rows of the file `name` in order. Raises BatchError if it is missing or malformed."""
        decoder = msgspec.json.Decoder(row_type)
        try:
            with self._fs.open(self._at(name), "rb") as lines:
                for line in lines:
                    yield decoder.decode(line)
        except FileNotFoundError as exc:
            raise BatchError(f"{self._at(name)} is missing: run the step before again") from exc
        except msgspec.DecodeError as exc:
            raise BatchError(f"{self._at(name)} cannot be read: {exc}") from exc

    def has(self, name: str) -> bool:
        return bool(self._fs.exists(self._at(name)))

    def remove(self) -> None:
        """Delete the folder; no error if it is gone."""
        if self._fs.exists(self.path):
            self._fs.rm(self.path, recursive=True)

    def _at(self, name: str) -> str:
        return posixpath.join(self.path, name)
