"""`silkwire quarantine`: what waits for a person, and the decision on a held batch."""

import getpass
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from silkwire.model import BatchReport

app = typer.Typer(
    no_args_is_help=True,
    help="Review what was kept out: quarantined records, held batches.",
)

Reviewer = Annotated[str, typer.Option("--reviewer", help="Who decides.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command("list")
def list_records(
    limit: Annotated[int, typer.Option(min=1, help="How many records at most.")] = 50,
    is_json: AsJson = False,
) -> None:
    """List held batches and open records, newest first, with every reason.

    \b
    Examples:
      silkwire quarantine list
      silkwire quarantine list --limit 500 --json
    """
    from sqlalchemy import text

    from silkwire.cli.console import open_console
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx, ctx.engine.begin() as conn:
        held = conn.execute(text(_HELD)).mappings().all()
        records = conn.execute(text(_OPEN), {"limit": limit}).mappings().all()
    if is_json:
        found = {"held": [dict(row) for row in held], "records": [dict(row) for row in records]}
        typer.echo(json.dumps(found, default=str))
        return
    console = open_console()
    for row in held:
        console.print(f"held batch {row['batch_id']}: {row['verdict_reason']}", markup=False)
    for row in records:
        seen = f"seen {row['seen_count']}×, {row['outlet'] or row['feed_url']}"
        console.print(
            f"#{row['quarantine_key']} {row['title'] or '(no title)'} — {seen}", markup=False
        )
        for reason in row["reasons"] or ():
            console.print(f"    fails: {reason}", markup=False, style="dim")
    if not held and not records:
        console.print("Nothing waits for review.")


@app.command()
def show(key: Annotated[int, typer.Argument(help="The record's number in `list`.")]) -> None:
    """Print one record as JSON: its payload, its reasons, where its bytes lie in the archive."""
    from sqlalchemy import text

    from silkwire.config import read_settings
    from silkwire.errors import BatchError
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx, ctx.engine.begin() as conn:
        row = conn.execute(text(_ONE), {"key": key}).mappings().one_or_none()
    if row is None:
        raise BatchError(f"there is no quarantined record {key}")
    shown: dict[str, Any] = {**row, "payload": json.loads(bytes(row["payload"]))}
    typer.echo(json.dumps(shown, default=str, indent=2, ensure_ascii=False))


@app.command()
def release(
    batch_id: Annotated[str, typer.Argument(metavar="BATCH", help="The held batch.")],
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Load a held batch after all, once."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context, release_batch

    with open_context(read_settings()) as ctx:
        report = release_batch(ctx, batch_id, reviewer=reviewer or getpass.getuser())
    _print(report, is_json=is_json)


@app.command()
def reject(
    batch_id: Annotated[str, typer.Argument(metavar="BATCH", help="The held batch.")],
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Keep a held batch out; its feeds are read anew, whatever they answer, next time."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context, reject_batch

    with open_context(read_settings()) as ctx:
        report = reject_batch(ctx, batch_id, reviewer=reviewer or getpass.getuser())
    _print(report, is_json=is_json)


def _print(report: "BatchReport", *, is_json: bool) -> None:
    from silkwire.cli.console import open_console
    from silkwire.cli.ingest import print_report

    if is_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        print_report(report, open_console())


_HELD = """
SELECT batch_id, started_at, verdict_reason, fetched_count, quarantined_count
FROM mart.batch_reconciliation WHERE verdict = 'held' ORDER BY started_at DESC
"""
_OPEN = "SELECT * FROM mart.quarantine_open ORDER BY last_seen_at DESC, quarantine_key LIMIT :limit"
_ONE = """
SELECT
    record.quarantine_key, record.status, record.seen_count, record.fetched_at,
    record.last_seen_at, feed.feed_url, record.batch_id, record.archive_file,
    record.archive_offset, record.payload,
    (
        SELECT jsonb_agg(to_jsonb(reason) - 'quarantine_key' ORDER BY reason_number)
        FROM ops.quarantine_reason AS reason
        WHERE reason.quarantine_key = record.quarantine_key
    ) AS reasons
FROM ops.quarantine AS record
INNER JOIN ops.feed AS feed USING (feed_key)
WHERE record.quarantine_key = :key
"""
