"""Write one archive file, which becomes visible when it is complete."""

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
    build_request,
    build_result,
    build_warcinfo,
)
from silkwire.errors import StorageError
from silkwire.model import Exchange, FetchResult
from silkwire.wholefiles import open_whole


class ArchiveWriter:
    """`<data_root>/<archive_file>`, which appears whole when the `with` block is left.

    Records go to an unnamed temporary file, so a process that dies leaves nothing behind. An error
    discards the file. An interruption (KeyboardInterrupt, SystemExit) is no failure: what was
    written until then becomes a valid archive. Raises StorageError if it cannot be written.

    With `is_continued`, the present content of the file comes first, so its offsets stay valid.
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

        `archive_offset` is that of the response or revisit record; without a response, that of the
        result's record.
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
        self._append(build_result(result, self._warcinfo_id, answer_id))
        return result

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        error: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        with self._partial:
            if error is None or not issubclass(error, Exception):
                fs, root = fsspec.core.url_to_fs(self._data_root)
                path = posixpath.join(root, self._archive_file)
                with open_whole(fs, path, is_synced=True) as out:
                    self._partial.seek(0)
                    shutil.copyfileobj(self._partial, out, 1 << 20)

    def _append(self, record: Record) -> None:
        try:
            self._partial.write(record.data)
        except OSError as exc:
            place = f"{tempfile.gettempdir()} cannot be written: {exc.strerror}"
            raise StorageError(f"{place} ({self._archive_file})") from exc
