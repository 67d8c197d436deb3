"""Parse: read the bytes of fetched documents into entries. No network, clock or database."""

from typing import TYPE_CHECKING, Any

from silkwire.parse.processes.pool import parse_documents, start_parser

if TYPE_CHECKING:
    from silkwire.parse.document.read import parse_document

__all__ = ["parse_document", "parse_documents", "start_parser"]


def __getattr__(name: str) -> Any:
    """Import the parsers on first use: a process that only hands documents on needs none."""
    if name == "parse_document":
        from silkwire.parse.document.read import parse_document  # noqa: PLC0415

        return parse_document
    raise AttributeError(name)
