"""Write one archive file: in private first, in place only when it is whole."""

import posixpath
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import TracebackType
from typing import IO, Self

import fsspec

from silkwire import __version__
from silkwire.archive.read import open_archive
from silkwire.archive.records import (
    Record,
    build_answer,
    build_configuration,
    build_decision,
    build_request,
    build_warcinfo,
)
from silkwire.errors import StorageError
from silkwire.model import Exchange, FetchResult
from silkwire.wholefiles import open_whole


class ArchiveWriter:
    """`<data_root>/<archive_file>`, which appears whole when the `with` block is left.

    Records go to an unnamed temporary file, so that a process that dies leaves nothing. An error
    discards the file; an interruption (KeyboardInterrupt, SystemExit: nothing failed) keeps what
    was written, as a valid archive. Raises StorageError if the file cannot be written.

    `is_continued` begins with what the file holds already, so that places in it stay true.
    """

    def __init__(
        self,
        data_root: str,
        archive_file: str,
        *,
        batch_id: str,
        started_at: datetime,
        configuration: Mapping[str, object],
        is_continued: bool = False,
    ):
        self._data_root = data_root
        self._archive_file = archive_file
        self._partial: IO[bytes] = tempfile.TemporaryFile(prefix="silkwire-")  # noqa: SIM115
        if is_continued:
            with open_archive(data_root, archive_file) as earlier:
                shutil.copyfileobj(earlier, self._partial, 1 << 20)
        name = posixpath.basename(archive_file)
        warcinfo = build_warcinfo(name, batch_id, started_at, __version__)
        self._warcinfo_id = warcinfo.record_id
        self._append(warcinfo)
        self._append(build_configuration(batch_id, started_at, configuration, self._warcinfo_id))

    def write(self, exchange: Exchange) -> FetchResult:
        """Append the exchange; return its result with its place in the archive.

        `archive_offset` is where the response or revisit record begins; where no answer came, where
        the record of the failure begins.
        """
        answer = build_answer(exchange, self._warcinfo_id)
        answer_id = answer.record_id if answer else None
        request = build_request(exchange, self._warcinfo_id, answer_id)
        if request:
            self._append(request)
        offset = self._partial.tell()
        result = replace(exchange.result, archive_file=self._archive_file, archive_offset=offset)
        if answer:
            self._append(answer)
        self._append(build_decision(result, self._warcinfo_id, answer_id))
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._partial:
            if exc_type is None or not issubclass(exc_type, Exception):
                self._publish()

    def _append(self, record: Record) -> None:
        try:
            self._partial.write(record.data)
        except OSError as exc:
            place = f"{tempfile.gettempdir()} cannot be written: {exc.strerror}"
            raise StorageError(f"{place} ({self._archive_file})") from exc

    def _publish(self) -> None:
        fs, root = fsspec.core.url_to_fs(self._data_root)
        with open_whole(fs, posixpath.join(root, self._archive_file), is_synced=True) as out:
            self._partial.seek(0)
            shutil.copyfileobj(self._partial, out, 1 << 20)
