"""`silkwire feeds import` and `export`: exchange the feed list with feed readers, as OPML."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings
from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from silkwire.feeds.opml.read import ListedFeed


def import_list(
    file: Annotated[Path, typer.Argument(help="An OPML file that a feed reader exported.")],
    folder: Annotated[
        str | None,
        typer.Option(help="Put the feeds, with their folders, into this folder of the list."),
    ] = None,
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print what would be added, and change nothing.")
    ] = False,
    is_json: AsJson = False,
) -> None:
    """Add the feeds of an OPML file to the list, with their folders.

    The folders of a feed are also its tags. Feeds that are already in the list
    are not added again.

    Examples:
      silkwire feeds import subscriptions.opml --dry-run
      silkwire feeds import subscriptions.opml --folder Imported
    """
    from silkwire.cli.feeds.feed_list import list_path, read_list
    from silkwire.feeds.opml.edit import add_feeds, select_new
    from silkwire.feeds.opml.foreign import read_foreign_list
    from silkwire.topics import list_topics

    settings = read_settings()
    path, topics = list_path(settings), list_topics(settings.config_dir)
    found = read_foreign_list(file, topics)
    outer = (folder,) if folder else ()
    placed = [replace(item, folders=outer + item.folders) for item in found.placed]
    if is_dry_run:
        listed = read_list(settings)
        added: Sequence[ListedFeed] = [item.feed for item in select_new(placed, listed)]
    else:
        added = add_feeds(path, placed, topics)
    known = len(placed) - len(added)
    if is_json:
        skipped = [{"line": item.line, "reason": item.reason} for item in found.skipped]
        counts = {"added": len(added), "already_listed": known, "skipped": skipped}
        print_json({**counts, "file": str(path)})
        return
    verb = "Would add" if is_dry_run else "Added"
    typer.echo(f"{verb} {len(added):,} feeds to {path}; {known:,} are in the list already")
    for item in found.skipped:
        typer.echo(f"{file}:{item.line}: skipped: {item.reason}", err=True)


def export_list(
    file: Annotated[
        Path | None, typer.Argument(help="The file to write. Default: standard output.")
    ] = None,
    has_credentials: Annotated[
        bool,
        typer.Option("--with-credentials", help="Include the user names and passwords of feeds."),
    ] = False,
) -> None:
    """Write the list as OPML that any feed reader can import, without credentials.

    Example: silkwire feeds export subscriptions.opml
    """
    from silkwire.cli.feeds.feed_list import list_path
    from silkwire.feeds.opml import edit
    from silkwire.topics import list_topics

    settings = read_settings()
    topics = list_topics(settings.config_dir)
    document = edit.export_list(list_path(settings), topics, has_credentials=has_credentials)
    if file is None:
        sys.stdout.buffer.write(document)
        return
    try:
        with file.open("wb") as out:
            if has_credentials:
                os.fchmod(out.fileno(), 0o600)
            out.write(document)
    except OSError as exc:
        raise ConfigError(f"cannot be written: {exc.strerror}", file=file) from exc
