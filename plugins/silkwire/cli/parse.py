"""`silkwire parse`: what silkwire reads in feed documents on disk. No database, no network."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from silkwire.model import ParsedDocument, ParsedEntry

_DEADLINE_S = 10.0


def parse(
    files: Annotated[
        list[Path],
        typer.Argument(help="Feed documents; `-` reads one from stdin.", show_default=False),
    ],
    content_type: Annotated[
        str | None,
        typer.Option("--content-type", help="The Content-Type they were served with, if known."),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="Where they were read from, to resolve relative links."),
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", min=0.1, help="Seconds for one document.")
    ] = _DEADLINE_S,
) -> None:
    """Show what silkwire reads in feed documents on disk: one JSON line a file.

    \b
    Examples:
      silkwire parse feed.xml
      silkwire parse feeds/*.xml | jq -r '.file + ": " + .entries[0].title'
      curl -s https://example.org/feed | silkwire parse - --url https://example.org/feed
    """
    from silkwire.model import ParseJob
    from silkwire.parse import parse_documents

    jobs = (
        ParseJob(number, _read_file(file), content_type, url) for number, file in enumerate(files)
    )
    for number, document in parse_documents(
        jobs, workers=_choose_workers(files), deadline_s=deadline
    ):
        sys.stdout.buffer.write(encode_document(str(files[number]), document))
    sys.stdout.buffer.flush()


def encode_document(file: str, document: "ParsedDocument") -> bytes:
    """One line of the output, its keys as the design fixes them."""
    import msgspec

    line = {
        "file": file,
        "format": document.format,
        "encoding": document.encoding,
        "error": document.error,
        "items_in_bytes": document.items_in_bytes,
        "entries": [_show_entry(entry) for entry in document.entries],
    }
    return msgspec.json.encode(line) + b"\n"


def _show_entry(entry: "ParsedEntry") -> dict[str, Any]:
    return {
        "guid": entry.guid,
        "url": entry.url,
        "canonical_url": entry.canonical_url,
        "title": entry.title,
        "summary": entry.summary,
        "authors": entry.authors,
        "published_at": entry.published_at,
        "published_raw": entry.published_raw,
        "language": entry.language,
    }


def _choose_workers(files: list[Path]) -> int:
    import os

    return min(len(files), os.cpu_count() or 1)


def _read_file(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc
