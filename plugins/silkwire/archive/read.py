"""Read archived bodies and single WARC records, on any fsspec file system."""

import posixpath
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Any

import fsspec
from fastwarc.warc import WarcRecord, WarcRecordType

from silkwire.contentcoding import decode_body
from silkwire.errors import ArchiveError
from silkwire.model import ArchivedBody

DAMAGE = (ArchiveError, OSError, ValueError, zlib.error)
"""What reading a damaged record raises."""
MAX_RECORD_BYTES = 1 << 28
"""A record that unpacks to more is damaged; `fetch_max_bytes` keeps ours far below."""
_PIECE = 1 << 16
_HEAD_BYTES = 1 << 20
"""Room for the heads of the record and of the response."""


def read_bodies(
    data_root: str, positions: Iterable[tuple[str, int]], *, max_bytes: int
) -> Iterator[ArchivedBody]:
    """The decoded bodies of the responses at `positions` (file, offset), in that order.

    A file is opened once for consecutive positions in it. Raises ArchiveError naming file and
    offset if there is no intact response, or its body decodes to more than `max_bytes`.
    """
    with ExitStack() as stack:
        current: str | None = None
        for archive_file, offset in positions:
            if archive_file != current:
                stack.close()
                archive = stack.enter_context(open_archive(data_root, archive_file))
                current = archive_file
            try:
                yield _read_body(archive, offset, max_bytes)
            except DAMAGE as exc:
                raise ArchiveError(f"{archive_file} at byte {offset}: {exc}") from exc


def open_archive(data_root: str, archive_file: str) -> Any:
    """The opened file. Raises ArchiveError if it is missing, or no plain file: a pipe may hang."""
    fs, root = fsspec.core.url_to_fs(data_root)
    path = posixpath.join(root, archive_file)
    try:
        if fs.info(path)["type"] != "file":
            raise ArchiveError(f"{archive_file} is no plain file")
        return fs.open(path, "rb")
    except OSError as exc:
        raise ArchiveError(f"{archive_file} cannot be read: {exc.strerror or exc}") from exc


def read_record(
    archive: IO[bytes], offset: int, *, max_bytes: int = MAX_RECORD_BYTES
) -> tuple[WarcRecord, int]:
    """The record in the gzip member at `offset`, and the member's size. Raises one of DAMAGE."""
    archive.seek(offset)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    block = bytearray()
    while not inflater.eof:
        data = inflater.unconsumed_tail or archive.read(_PIECE)
        if not data:
            raise ArchiveError("the file ends within a record")
        block += inflater.decompress(data, _PIECE)
        if len(block) > max_bytes:
            raise ArchiveError(f"the record is larger than {max_bytes:,} bytes")
    record = WarcRecord.from_bytes(bytes(block))
    # FastWARC parses cut or altered blocks without an error: only the digest shows the damage.
    if not record.verify_block_digest():
        raise ArchiveError("the record is damaged: its digest is wrong")
    return record, archive.tell() - offset - len(inflater.unused_data)


def _read_body(archive: IO[bytes], offset: int, max_bytes: int) -> ArchivedBody:
    record, _ = read_record(archive, offset, max_bytes=max_bytes + _HEAD_BYTES)
    if record.record_type != WarcRecordType.response:
        raise ArchiveError(f"a {record.headers.get('WARC-Type')} record holds no body")
    record.parse_http()
    headers = record.http_headers
    codings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
    body = decode_body(record.reader.read(), codings, max_bytes=max_bytes)
    return ArchivedBody(body, headers.get("Content-Type"))
