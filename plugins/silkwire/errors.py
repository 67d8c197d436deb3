"""The errors that silkwire raises. A failure of a feed, a host or a record is a value instead.

SilkwireError                  exit code 1
├── ConfigError                exit code 2: a setting, a flag or a file under config/ is wrong
├── WarehouseError             PostgreSQL cannot be reached, started or migrated, or went away
├── StorageError               a file cannot be written, such as on a full disk
├── ArchiveError               an archive file cannot be read
├── ParserError                the parser itself failed (a bad document is a value)
├── ValidationError            Great Expectations itself failed (a bad record is a value)
└── BatchError                 a batch cannot go on: it is leased elsewhere, or its files are gone
"""

from pathlib import Path


class SilkwireError(Exception):
    """One clear sentence for the person who has to act; `exit_code` is that of the command."""

    exit_code = 1


class ConfigError(SilkwireError):
    """A setting, flag or configuration file is wrong; names the file and line if there are any."""

    exit_code = 2

    def __init__(self, message: str, *, file: Path | str | None = None, line: int | None = None):
        place = "" if file is None else f"{file}:{line}: " if line is not None else f"{file}: "
        super().__init__(place + message)
        self.file = file
        self.line = line


class WarehouseError(SilkwireError):
    """The warehouse cannot be reached, started or migrated, or it went away."""


class StorageError(SilkwireError):
    """A file cannot be written, for lack of space or permission; names the folder."""


class ArchiveError(SilkwireError):
    """An archive file cannot be read."""


class ParserError(SilkwireError):
    """The parser itself failed; a document that is no feed is a value (`ParsedDocument.error`)."""


class ValidationError(SilkwireError):
    """Great Expectations itself failed, or an expectation raised an exception."""


class BatchError(SilkwireError):
    """A batch cannot go on."""
