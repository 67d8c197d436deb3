"""`silkwire parse`: parse feed documents on disk, without a database or a network."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from silkwire.model import ParsedDocument

_DEADLINE_S = 10.0
_DOCUMENT_KEYS = ("format", "encoding", "error", "items_in_bytes")
_ENTRY_KEYS = (
    *("guid", "url", "canonical_url", "title", "summary"),
    *("authors", "published_at", "published_raw", "language"),
)


def parse(
    files: Annotated[
        list[Path],
        typer.Argument(help="Feed documents; - reads one from standard input.", show_default=False),
    ],
    content_type: Annotated[
        str | None,
        typer.Option(
            "--content-type",
            help="The Content-Type header of the documents. Default: unknown, so the encoding is "
            "found in the document.",
        ),
    ] = None,
    url: Annotated[
        str | None,
        typer.Option("--url", help="The url of the documents, against which links are resolved."),
    ] = None,
    deadline: Annotated[
        float, typer.Option("--deadline", min=0.1, help="Seconds allowed for each document.")
    ] = _DEADLINE_S,
) -> None:
    """Parse feed documents and print what silkwire reads in them: one JSON line a file.

    It needs no database and no network.

    Examples:
      silkwire parse feed.xml
      silkwire parse feeds/*.xml | jq -r '.file + ": " + .entries[0].title'
      curl -s https://a.example/rss | silkwire parse - --url https://a.example/rss
    """
    from silkwire.model import ParseJob
    from silkwire.parse import parse_documents

    jobs = (
        ParseJob(number, _read_file(file), content_type, url) for number, file in enumerate(files)
    )
    workers = min(len(files), os.cpu_count() or 1)
    for number, document in parse_documents(jobs, workers=workers, deadline_s=deadline):
        sys.stdout.buffer.write(_encode_document(str(files[number]), document))
    sys.stdout.buffer.flush()


def _encode_document(file: str, document: "ParsedDocument") -> bytes:
    import msgspec

    line = {
        "file": file,
        **{key: getattr(document, key) for key in _DOCUMENT_KEYS},
        "entries": [
            {key: getattr(entry, key) for key in _ENTRY_KEYS} for entry in document.entries
        ],
    }
    return msgspec.json.encode(line) + b"\n"


def _read_file(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc
