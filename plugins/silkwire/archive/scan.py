"""Read an archive file as far as possible: keep what is intact, name what is damaged."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import msgspec
from fastwarc.warc import WarcRecord, WarcRecordType

from silkwire.archive.read import DAMAGE, open_archive, read_record
from silkwire.errors import ArchiveError
from silkwire.model import FetchOutcome, FetchResult

_PIECE = 1 << 16
_MEMBER = b"\x1f\x8b\x08"  # the first bytes of every gzip member (RFC 1952 §2.3.1)


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of the archive that cannot be read."""

    archive_file: str
    offset: int | None
    """Byte offset of the damaged record; None if the damage is not that of one record, such as a
    missing file."""
    reason: str


@dataclass(slots=True)
class ScannedArchive:
    """The content of one archive file."""

    configuration: dict[str, Any] | None = None
    """The first metadata record about the batch itself."""
    results: list[FetchResult] = field(default_factory=list)
    """The results of fetches with an intact body, and of fetches without a body."""
    damages: list[Damage] = field(default_factory=list)


def read_results(data_root: str, archive_file: str) -> list[FetchResult]:
    """Every result in the archive file, in the order of writing.

    Raises ArchiveError naming file and offset if the file is damaged.
    """
    found = scan_archive(data_root, archive_file)
    for damage in found.damages:
        place = "" if damage.offset is None else f"{archive_file} at byte {damage.offset}: "
        raise ArchiveError(f"{place}{damage.reason}")
    return found.results


def scan_archive(data_root: str, archive_file: str) -> ScannedArchive:
    """Everything that can be read in the file; damage raises nothing."""
    found = ScannedArchive()
    intact: set[int] = set()
    try:
        with open_archive(data_root, archive_file) as archive:
            for offset, record in _iterate_records(archive):
                try:
                    if isinstance(record, Exception):
                        raise record
                    if record.record_type == WarcRecordType.response:
                        intact.add(offset)
                    elif record.record_type == WarcRecordType.metadata:
                        _read_metadata(found, record)
                except (*DAMAGE, msgspec.MsgspecError) as exc:
                    found.damages.append(Damage(archive_file, offset, str(exc)))
    except (ArchiveError, OSError) as exc:
        found.damages.append(Damage(archive_file, None, str(exc)))
    results, found.results = found.results, []
    for result in results:
        if result.outcome is not FetchOutcome.NEW or result.archive_offset in intact:
            found.results.append(result)
        else:
            reason = f"the bytes of {result.feed_url} are lost"
            found.damages.append(Damage(archive_file, result.archive_offset, reason))
    return found


def _iterate_records(archive: IO[bytes]) -> Iterator[tuple[int, WarcRecord | Exception]]:
    """Every intact record with its offset, and one exception for each gap between them."""
    offset: int | None = 0
    is_in_gap = False
    while offset is not None and archive.seek(offset) == offset and archive.read(1):
        try:
            record, size = read_record(archive, offset)
        except DAMAGE as exc:
            if not is_in_gap:
                yield offset, exc
            is_in_gap = True
            offset = _find_member(archive, offset + 1)
        else:
            is_in_gap = False
            yield offset, record
            offset += size


def _find_member(archive: IO[bytes], offset: int) -> int | None:
    """The offset at which the next gzip member may begin, or None."""
    archive.seek(offset)
    kept = b""
    while piece := archive.read(_PIECE):
        kept += piece
        place = kept.find(_MEMBER)
        if place >= 0:
            return offset + place
        drop = max(0, len(kept) - len(_MEMBER) + 1)
        offset, kept = offset + drop, kept[drop:]
    return None


def _read_metadata(found: ScannedArchive, record: WarcRecord) -> None:
    content = record.reader.read()
    if not (record.headers.get("WARC-Target-URI") or "").startswith("urn:silkwire:"):
        found.results.append(msgspec.json.decode(content, type=FetchResult))
    elif found.configuration is None:
        found.configuration = msgspec.json.decode(content, type=dict[str, Any])
