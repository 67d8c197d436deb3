"""The errors that are ours. Failures of the world (a feed, a host, a record) are values, not these.

SilkwireError                  exit code 1
├── ConfigError                exit code 2: a setting, a flag or a file under config/ is wrong
├── WarehouseError             PostgreSQL cannot be reached, started or migrated, or went away
├── StorageError               nothing can be written: a full disk, as a rule
├── ArchiveError               an archive file cannot be read
├── ParserError                the parser itself failed (a bad document is a value)
├── ValidationError            Great Expectations could not validate (a bad record is a value)
└── BatchError                 a batch cannot go on: it is leased elsewhere, or its files are gone
"""

from pathlib import Path


class SilkwireError(Exception):
    """One clear sentence for the person who has to act; `exit_code` is the command's."""

    exit_code = 1


class ConfigError(SilkwireError):
    """A setting, flag or configuration file is wrong; names file and line where there are any."""

    exit_code = 2

    def __init__(self, message: str, *, file: Path | str | None = None, line: int | None = None):
        place = "" if file is None else f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(place + message)
        self.file = file
        self.line = line


class WarehouseError(SilkwireError):
    """The warehouse cannot be reached, started or migrated, or it went away."""


class StorageError(SilkwireError):
    """There is no room, or no right, to write; names the place. No batch is to blame for it."""


class ArchiveError(SilkwireError):
    """An archive file cannot be read."""


class ParserError(SilkwireError):
    """The parser itself failed; a document that is no feed is a value (`ParsedDocument.error`)."""


class ValidationError(SilkwireError):
    """Great Expectations could not validate a chunk; an expectation that raised counts as this."""


class BatchError(SilkwireError):
    """A batch cannot go on."""
