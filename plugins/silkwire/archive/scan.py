"""Read an archive file as far as it can be read: what is damaged is named, the rest is kept."""

import posixpath
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO, Any

import fsspec
import msgspec
from fastwarc.warc import WarcRecord, WarcRecordType

from silkwire.archive.read import is_result, open_archive, parse_record, read_member
from silkwire.errors import ArchiveError
from silkwire.model import FetchOutcome, FetchResult

_PIECE = 1 << 16
_MEMBER = b"\x1f\x8b\x08"  # how every gzip member begins (RFC 1952 §2.3.1)
_NAME = re.compile(r"(?P<batch>[^/.][^/]*)-(?P<part>\d{3,}|decision)\.warc\.gz")


@dataclass(frozen=True, slots=True)
class Damage:
    """A place of the archive that cannot be read."""

    archive_file: str
    offset: int | None
    """Byte offset of the record; None where the whole file is missing."""
    reason: str


@dataclass(slots=True)
class ScannedArchive:
    """What one archive file holds."""

    configuration: dict[str, Any] | None = None
    """The first metadata record about the batch itself."""
    results: list[FetchResult] = field(default_factory=list)
    """Attempts whose bytes are intact, or that brought none."""
    damages: list[Damage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ArchivedBatch:
    """The files of one batch, relative to the data URL."""

    batch_id: str
    files: tuple[str, ...]
    decision_file: str | None


def list_batches(data_root: str) -> tuple[ArchivedBatch, ...]:
    """Every batch that the archive holds files of, by the names of its files."""
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


def scan_archive(data_root: str, archive_file: str) -> ScannedArchive:
    """All that can be read of the file; never raises for what is wrong with it."""
    found = ScannedArchive()
    intact: set[int] = set()
    try:
        with open_archive(data_root, archive_file) as archive:
            for offset, record in _iterate_records(archive, archive_file, found.damages):
                _note(found, intact, archive_file, offset, record)
    except (ArchiveError, OSError) as exc:
        found.damages.append(Damage(archive_file, None, str(exc)))
    lost = [r for r in found.results if _has_body(r) and r.archive_offset not in intact]
    found.results = [r for r in found.results if r not in lost]
    found.damages += [
        Damage(archive_file, r.archive_offset, f"the bytes of {r.feed_url} are lost") for r in lost
    ]
    return found


def _iterate_records(
    archive: IO[bytes], archive_file: str, damages: list[Damage]
) -> Iterator[tuple[int, WarcRecord]]:
    """The intact records with their offsets; one damage is noted for each gap between them."""
    offset, is_in_gap = 0, False
    while archive.seek(offset) == offset and archive.read(1):
        try:
            block, size = read_member(archive, offset, max_bytes=None)
            record = parse_record(block)
        except (ArchiveError, OSError, ValueError, zlib.error) as exc:
            if not is_in_gap:
                damages.append(Damage(archive_file, offset, str(exc)))
            is_in_gap = True
            following = _find_member(archive, offset + 1)
            if following is None:
                return
            offset = following
            continue
        is_in_gap = False
        yield offset, record
        offset += size


def _find_member(archive: IO[bytes], offset: int) -> int | None:
    """Where the next gzip member may begin, or None."""
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


def _note(
    found: ScannedArchive, intact: set[int], archive_file: str, offset: int, record: WarcRecord
) -> None:
    if record.record_type == WarcRecordType.response:
        intact.add(offset)
    elif record.record_type == WarcRecordType.metadata:
        try:
            _read_metadata(found, record)
        except msgspec.MsgspecError as exc:
            found.damages.append(Damage(archive_file, offset, str(exc)))


def _read_metadata(found: ScannedArchive, record: WarcRecord) -> None:
    content = record.reader.read()
    if is_result(record):
        found.results.append(msgspec.json.decode(content, type=FetchResult))
    elif found.configuration is None:
        found.configuration = msgspec.json.decode(content, type=dict[str, Any])


def _has_body(result: FetchResult) -> bool:
    return result.outcome is FetchOutcome.NEW
