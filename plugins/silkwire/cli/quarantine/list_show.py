"""`silkwire quarantine list` and `show`."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import open_console
from silkwire.cli.output.tables import escape_controls
from silkwire.config import read_settings
from silkwire.errors import BatchError

if TYPE_CHECKING:
    from silkwire.pipeline import Context


def list_records(
    limit: Annotated[int, typer.Option(min=1, help="The maximum number of records.")] = 50,
    is_json: AsJson = False,
) -> None:
    """List held batches and open records, newest first, with the reasons of each.

    Example: silkwire quarantine list --limit 500 --json
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.quarantine.choose import show_records
    from silkwire.warehouse.statements import read_statements

    sql = read_statements(__file__)
    with open_context(read_settings()) as ctx, ctx.engine.begin() as conn:
        held = [dict(row) for row in conn.execute(sql["held"]).mappings()]
        records = [dict(row) for row in conn.execute(sql["open"], {"limit": limit}).mappings()]
        untitled = [row["quarantine_key"] for row in records if not row["title"]]
        shown = {one.quarantine_key: one for one in show_records(ctx, untitled)}
    for record in records:
        one = shown.get(record["quarantine_key"])
        record |= {"text": one.words if one else None, "topics": one.topics if one else None}
    if is_json:
        found = {"held": held, "records": records}
        print_json(found, default=str)
        return
    console = open_console()
    for row in held:
        console.print(f"held batch {row['batch_id']}: {row['verdict_reason']}", soft_wrap=True)
    for row in records:
        console.print(_describe(row), soft_wrap=True)
        for reason in row["reasons"] or ():
            console.print(f"    fails: {reason}", style="dim", soft_wrap=True)
    if not held and not records:
        console.print("Nothing waits for review.")


def _describe(row: dict[str, Any]) -> str:
    """The record's title or, where it has none, its text and topics."""
    seen = f"seen {row['seen_count']}×, {row['outlet'] or row['feed_url']}"
    words = row["title"] or f"(no title) {row['text'] or ''}".rstrip()
    topics = ", ".join(row["topics"]) or "no topic" if row["text"] else ""
    about = f" [{topics}]" if topics else ""
    return escape_controls(f"#{row['quarantine_key']} {words}{about} — {seen}")


def show(
    name: Annotated[
        str,
        typer.Argument(metavar="KEY|BATCH", help="A record's number or a batch id, as in `list`."),
    ],
) -> None:
    """Print a record as JSON: its payload, its reasons, and its place in the archive.

    For a held batch, print a JSON line for each entry that is on topic or fails
    validation. `release --except` takes the entry_number of such a line.

    Examples:
      silkwire quarantine show 17
      silkwire quarantine show 20261128T101500Z-5f0c2a1b | jq .title
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.held.entries import read_held

    with open_context(read_settings()) as ctx:
        if name.isdecimal():
            print_json(_read_record(ctx, int(name)), default=str, indent=2, ensure_ascii=False)
            return
        for record in read_held(ctx, name):
            print_json(record, ensure_ascii=False)


def _read_record(ctx: "Context", key: int) -> dict[str, Any]:
    from silkwire.warehouse.statements import read_statements

    with ctx.engine.begin() as conn:
        query = read_statements(__file__)["record"]
        row = conn.execute(query, {"key": key}).mappings().one_or_none()
    if row is None:
        raise BatchError(f"there is no quarantined record {key}")
    return {**row, "payload": json.loads(bytes(row["payload"]))}
