"""Notes of the archive: how each batch ended, and the rulesets that were in force.

Each is a small WARC file with one metadata record. A later decision on a batch replaces its file:

    archive/2026/11/23/<batch>-decision.warc.gz
    archive/rulesets/<version>.warc.gz
"""

import posixpath
import re
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import fsspec
import msgspec

from silkwire.archive.scan import scan_archive
from silkwire.archive.write import ArchiveWriter
from silkwire.errors import ArchiveError, StorageError
from silkwire.model import HeldDocument

_ENDING = ".warc.gz"
_VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}")
_RULE_FILE = re.compile(r"[0-9A-Za-z_-]{1,100}(?:\.model\.json|\.yaml)")


@dataclass(frozen=True, slots=True)
class ArchivedFeed:
    """A feed as the feed list described it from `valid_from` on, without its credentials."""

    feed_key: int
    feed_url: str
    valid_from: datetime
    title: str | None = None
    homepage_url: str | None = None
    outlet: str | None = None
    language: str | None = None
    poll_s: float | None = None
    tags: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ArchivedFile:
    """One shard's archive file and how many fetches it must hold."""

    archive_file: str
    fetch_count: int


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A document that exceeded the parser's limits of time or memory."""

    feed_url: str
    started_at: datetime
    error: str | None


@dataclass(frozen=True, slots=True)
class RecordReference:
    """A record in quarantine, named by its document, since a rebuilt warehouse has other keys."""

    feed_url: str
    fetched_at: datetime
    position: int | None
    """The position of the entry in that document."""
    lost_number: int | None = None
    """The number of an entry that the parser lost."""


@dataclass(frozen=True, slots=True)
class BatchDecision:
    """How a batch ended: what a replay cannot derive from the archived responses."""

    batch_id: str
    trigger: str
    is_listed_feeds: bool
    started_at: datetime
    verdict: str
    """`published`, `held`, `released`, `rejected` or `abandoned`."""
    verdict_reason: str | None
    judged_at: datetime
    """When Great Expectations' results were stored."""
    decided_at: datetime
    """When the verdict took effect: batches are replayed in this order."""
    reviewer: str | None = None
    ruleset: str | None = None
    files: tuple[ArchivedFile, ...] = ()
    changed_feeds: tuple[ArchivedFeed, ...] = ()
    """Descriptions that changed since the previous batch."""
    given_up: tuple[GivenUp, ...] = ()
    records: tuple[RecordReference, ...] = ()
    """For a batch of single records: the records that were decided on. For a released batch: the
    records that the reviewer left out."""
    held_documents: tuple[HeldDocument, ...] = ()
    """Of a published batch: the documents whose new entries went to quarantine."""
    format: int = 2
    """Format 1 wrote `review` as the trigger of every batch of records, and `adopt` or `retry` as
    its reviewer; format 2 writes them as triggers."""


def name_decision(started_at: datetime, batch_id: str) -> str:
    """Beside the batch's archive files."""
    return f"archive/{started_at:%Y/%m/%d}/{batch_id}-decision.warc.gz"


def write_decision(data_root: str, decision: BatchDecision) -> None:
    """Write the decision; it replaces an earlier one on the same batch."""
    content: dict[str, Any] = msgspec.to_builtins(decision)
    name = name_decision(decision.started_at, decision.batch_id)
    _write(data_root, name, decision.batch_id, decision.started_at, content)


def read_decision(data_root: str, archive_file: str) -> BatchDecision:
    """Read one decision file. Raises ArchiveError if it is missing, damaged or no decision."""
    content = {"format": 1, **_read(data_root, archive_file)}
    try:
        decision = msgspec.convert(content, BatchDecision, strict=False)
    except msgspec.ValidationError as exc:
        raise ArchiveError(f"{archive_file} holds no decision: {exc}") from exc
    if decision.format > 1:
        return decision
    was_reviewer = decision.trigger == "review" and decision.reviewer in ("adopt", "retry")
    trigger = decision.reviewer if was_reviewer else decision.trigger
    return replace(decision, trigger=trigger or "", format=2)


def keep_ruleset(
    data_root: str, version: str, config_dir: Path, *, batch_id: str, started_at: datetime
) -> None:
    """Archive the rules of `<config_dir>/topics`; a version that is archived already is skipped."""
    name = _name_ruleset(version)
    fs, root = fsspec.core.url_to_fs(data_root)
    if fs.exists(posixpath.join(root, name)):
        return
    folder = config_dir / "topics"
    files = [*folder.glob("*.yaml"), *folder.glob("*.model.json")]
    content = {
        "ruleset": version,
        "files": {file.name: file.read_bytes().decode("utf-8") for file in sorted(files)},
    }
    try:
        _write(data_root, name, batch_id, started_at, content)
    except (ArchiveError, StorageError):
        # Another batch archived the same rules meanwhile and removed our partial file as stale.
        fs.invalidate_cache()
        if not fs.exists(posixpath.join(root, name)):
            raise


def restore_ruleset(data_root: str, version: str, config_dir: Path) -> None:
    """Write the archived rules of `version` below `config_dir`.

    Raises ArchiveError if the archive does not hold them, or if a name could lead elsewhere.
    """
    name = _name_ruleset(version)
    files = _read(data_root, name).get("files")
    if not isinstance(files, dict):
        raise ArchiveError(f"{name} holds no rules")
    folder = config_dir / "topics"
    folder.mkdir(parents=True, exist_ok=True)
    for file_name, content in files.items():
        if not _RULE_FILE.fullmatch(file_name):
            raise ArchiveError(f"{name} holds a file that is no rules: {file_name[:100]!r}")
        (folder / file_name).write_bytes(str(content).encode("utf-8"))


def list_rulesets(data_root: str) -> tuple[str, ...]:
    """The versions of the rules that the archive holds."""
    fs, root = fsspec.core.url_to_fs(data_root)
    try:
        paths = fs.ls(posixpath.join(root, "archive/rulesets"), detail=False)
    except FileNotFoundError:
        return ()
    names = (posixpath.basename(path) for path in paths)
    return tuple(sorted(name.removesuffix(_ENDING) for name in names if name.endswith(_ENDING)))


def _name_ruleset(version: str) -> str:
    """Raises ArchiveError for a version that could lead elsewhere."""
    if not _VERSION.fullmatch(version):
        raise ArchiveError(f"{version[:100]!r} is no version of topic rules")
    return f"archive/rulesets/{version}{_ENDING}"


def _write(
    data_root: str, name: str, batch_id: str, started_at: datetime, content: dict[str, Any]
) -> None:
    with ArchiveWriter(
        data_root, name, batch_id=batch_id, started_at=started_at, configuration=content
    ):
        pass  # the one record is the configuration's


def _read(data_root: str, archive_file: str) -> dict[str, Any]:
    found = scan_archive(data_root, archive_file)
    if found.damages:
        damage = found.damages[0]
        place = "" if damage.offset is None else f"{archive_file} at byte {damage.offset}: "
        raise ArchiveError(f"{place}{damage.reason}")
    if found.configuration is None:
        raise ArchiveError(f"{archive_file} holds nothing about a batch")
    return found.configuration


__all__ = [
    "ArchivedFeed",
    "ArchivedFile",
    "BatchDecision",
    "GivenUp",
    "RecordReference",
    "keep_ruleset",
    "list_rulesets",
    "name_decision",
    "read_decision",
    "restore_ruleset",
    "write_decision",
]
