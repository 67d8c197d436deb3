"""Read bodies and results back from archive files, on any fsspec file system."""

import posixpath
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from typing import IO, Any

import fsspec
import msgspec
from fastwarc.warc import WarcRecord, WarcRecordType

from silkwire.contentcoding import ContentCodingError, decode_body
from silkwire.errors import ArchiveError
from silkwire.model import ArchivedBody, FetchResult

_PIECE = 1 << 16
_HEAD_BYTES = 1 << 20
"""Room for the heads of the record and of the answer."""


def read_bodies(
    data_root: str, positions: Iterable[tuple[str, int]], *, max_bytes: int
) -> Iterator[ArchivedBody]:
    """The decoded bodies of the responses at `positions` (file, offset), in that order.

    A file is opened once while consecutive positions are in it. Raises ArchiveError naming file and
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
            except (ArchiveError, OSError, ValueError, zlib.error) as exc:
                raise ArchiveError(f"{archive_file} at byte {offset}: {exc}") from exc


def read_results(data_root: str, archive_file: str) -> Iterator[FetchResult]:
    """Every result that the archive file holds, in the order of writing.

    Raises ArchiveError naming file and offset where the file is damaged.
    """
    decoder = msgspec.json.Decoder(FetchResult)
    with open_archive(data_root, archive_file) as archive:
        offset = 0
        while archive.seek(offset) == offset and archive.read(1):
            try:
                block, size = read_member(archive, offset, max_bytes=None)
                record = parse_record(block)
                if is_result(record):
                    yield decoder.decode(record.reader.read())
            except (ArchiveError, OSError, ValueError, zlib.error) as exc:
                raise ArchiveError(f"{archive_file} at byte {offset}: {exc}") from exc
            offset += size


def open_archive(data_root: str, archive_file: str) -> Any:
    fs, root = fsspec.core.url_to_fs(data_root)
    try:
        return fs.open(posixpath.join(root, archive_file), "rb")
    except OSError as exc:
        raise ArchiveError(f"{archive_file} cannot be read: {exc.strerror or exc}") from exc


def _read_body(archive: IO[bytes], offset: int, max_bytes: int) -> ArchivedBody:
    block, _ = read_member(archive, offset, max_bytes + _HEAD_BYTES)
    record = parse_record(block)
    if record.record_type != WarcRecordType.response:
        kind = record.headers.get("WARC-Type")
        raise ArchiveError(f"a {kind} record holds no body")
    record.parse_http()
    headers = record.http_headers
    try:
        codings = ", ".join(value for name, value in headers if name.lower() == "content-encoding")
        body = decode_body(record.reader.read(), codings, max_bytes=max_bytes)
    except ContentCodingError as exc:
        raise ArchiveError(str(exc)) from exc
    return ArchivedBody(body, headers.get("Content-Type"))


def read_member(archive: IO[bytes], offset: int, max_bytes: int | None) -> tuple[bytes, int]:
    """One gzip member decompressed, and its size in the file."""
    archive.seek(offset)
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    pieces: list[bytes] = []
    total = 0
    while not inflater.eof:
        data = inflater.unconsumed_tail or archive.read(_PIECE)
        if not data:
            raise ArchiveError("the file ends within a record")
        piece = inflater.decompress(data, _PIECE)
        total += len(piece)
        if max_bytes is not None and total > max_bytes:
            raise ArchiveError(f"the record is larger than {max_bytes:,} bytes")
        pieces.append(piece)
    return b"".join(pieces), archive.tell() - offset - len(inflater.unused_data)


def parse_record(block: bytes) -> WarcRecord:
    record = WarcRecord.from_bytes(block)
    # Cut or altered blocks parse without an error; the digest tells.
    if not record.verify_block_digest():
        raise ArchiveError("the record is damaged: its digest is wrong")
    return record


def is_result(record: WarcRecord) -> bool:
    about = record.headers.get("WARC-Target-URI") or ""
    is_metadata = record.record_type == WarcRecordType.metadata
    return is_metadata and not about.startswith("urn:silkwire:")
