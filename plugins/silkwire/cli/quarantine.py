"""`silkwire quarantine`: what waits for a person, and the decisions on it."""

import getpass
import json
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from silkwire.model import BatchReport
    from silkwire.pipeline import Context
    from silkwire.pipeline.quarantine.candidates import Refused
    from silkwire.pipeline.quarantine.decide import RecordsReport
    from silkwire.pipeline.quarantine.retry import RetryReport

STOPPED = "stopped; what was decided is kept, and the same command goes on from there"

app = typer.Typer(
    no_args_is_help=True,
    help="Review what was kept out: quarantined records, held batches.",
)

Reviewer = Annotated[str, typer.Option("--reviewer", help="Who decides.")]
Names = Annotated[
    list[str],
    typer.Argument(metavar="KEY|BATCH", help="Numbers of records in `list`, or one held batch."),
]
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

    from silkwire.cli.output.console import open_console
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
def show(
    name: Annotated[str, typer.Argument(metavar="KEY|BATCH", help="As `list` names it.")],
) -> None:
    """Print one record as JSON: its payload, its reasons, where its bytes lie in the archive.

    Of a held batch, a JSON line for each entry that is on topic or fails, with the number by which
    `release --except` leaves it out.

    \b
    Examples:
      silkwire quarantine show 17
      silkwire quarantine show 20261128T101500Z-5f0c2a1b | jq 'select(.reasons == [])'
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx:
        if name.isdecimal():
            _show_record(ctx, int(name))
        else:
            _show_batch(ctx, name)


def _show_record(ctx: "Context", key: int) -> None:
    from sqlalchemy import text

    from silkwire.errors import BatchError

    with ctx.engine.begin() as conn:
        row = conn.execute(text(_ONE), {"key": key}).mappings().one_or_none()
    if row is None:
        raise BatchError(f"there is no quarantined record {key}")
    shown: dict[str, Any] = {**row, "payload": json.loads(bytes(row["payload"]))}
    typer.echo(json.dumps(shown, default=str, indent=2, ensure_ascii=False))


def _show_batch(ctx: "Context", batch_id: str) -> None:
    from silkwire.pipeline.held.entries import read_held

    for record in read_held(ctx, batch_id):
        typer.echo(json.dumps(asdict(record), ensure_ascii=False))


@app.command()
def release(
    names: Names,
    left_out: Annotated[
        list[int] | None,
        typer.Option(
            "--except", metavar="NUMBER", help="Reject this entry of the batch; may be repeated."
        ),
    ] = None,
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Load records that failed validation, or a whole batch that is held, after all.

    Each once: what was decided stays decided. The rules decide on a record's topics. When its feed
    shows it again, it is taken as if it had passed. Exit code 1 if one could not be decided on:
    somebody has, or it cannot be loaded; the others are. A batch goes to its place in time,
    whatever was loaded since.

    \b
    Examples:
      silkwire quarantine release 17
      silkwire quarantine release 17 18 25 --reviewer ann --json
      silkwire quarantine release 20261128T101500Z-5f0c2a1b
      silkwire quarantine release 20261128T101500Z-5f0c2a1b --except 4 --except 17
    """
    from silkwire.pipeline.held.decide import release_batch
    from silkwire.pipeline.quarantine.decide import release_records

    if left_out and any(name.isdecimal() for name in names):
        raise typer.BadParameter("only a batch has entries to leave out", param_hint="--except")
    release_chosen = partial(release_batch, left_out=left_out or ())
    _decide(names, release_records, release_chosen, reviewer, is_json=is_json)


@app.command()
def reject(
    names: Names,
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Keep records out for good, or a whole batch that is held.

    A rejected record stays out however often its feed shows it. The feeds of a rejected batch are
    read anew next time, whatever they answer.

    \b
    Examples:
      silkwire quarantine reject 17 18
      silkwire quarantine reject 20261128T101500Z-5f0c2a1b --reviewer ann
    """
    from silkwire.pipeline.held.decide import reject_batch
    from silkwire.pipeline.quarantine.decide import reject_records

    _decide(names, reject_records, reject_batch, reviewer, is_json=is_json)


@app.command()
def retry(
    keys: Annotated[
        list[int] | None, typer.Argument(metavar="KEY", help="Numbers of records in `list`.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="All open records.")] = False,
    reason: Annotated[
        str | None,
        typer.Option("--reason", metavar="EXPECTATION", help="All that fail this expectation."),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Try open records again, after a fix in the rules, the parser or a limit.

    They are read from the archive, matched, judged and loaded as anything else. Those that pass
    are released by `retry`; those that fail stay open, with the reasons of today. It may be
    stopped, and run again.

    \b
    Examples:
      silkwire quarantine retry 17 18
      silkwire quarantine retry --reason title_is_undamaged
      silkwire quarantine retry --all --json | jq .outcomes
    """
    from silkwire.cli.output.progress import RunProgress
    from silkwire.cli.stopping import explain_stop
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.quarantine.retry import retry_records

    if bool(keys) == (is_all or reason is not None):
        raise typer.BadParameter("give numbers of records, or --all, or --reason EXPECTATION")
    with (
        explain_stop(STOPPED),
        open_context(read_settings()) as ctx,
        RunProgress() as progress,
    ):
        report = retry_records(ctx, keys or None, reason=reason, progress=progress)
    if is_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        _print_retry(report)
    _end_refused(report.refused)


def _print_retry(report: "RetryReport") -> None:
    outcomes = ", ".join(f"{count:,} {name}" for name, count in report.outcomes.items())
    typer.echo(f"{report.tried:,} tried: {report.released:,} released ({outcomes or 'none'})")
    typer.echo(f"{report.failing:,} still fail, with the reasons of today")
    if report.unread:
        typer.echo(f"{report.unread:,} are not found by the parser (still)")
    if report.late:
        typer.echo(f"{report.late:,} whose feed has shown a later text since: reject them")


def _decide(
    names: list[str],
    decide_records: "Callable[..., RecordsReport]",
    decide_batch: "Callable[..., BatchReport]",
    reviewer: str,
    *,
    is_json: bool,
) -> None:
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context

    batch_ids = [name for name in names if not name.isdecimal()]
    if batch_ids and len(names) > 1:
        raise typer.BadParameter(
            "give one batch, or the numbers of records", param_hint="KEY|BATCH"
        )
    reviewer = reviewer or getpass.getuser()
    with open_context(read_settings()) as ctx:
        if batch_ids:
            _print(decide_batch(ctx, batch_ids[0], reviewer=reviewer), is_json=is_json)
        else:
            report = decide_records(ctx, map(int, names), reviewer=reviewer)
            _print_records(report, is_json=is_json)


def _print(report: "BatchReport", *, is_json: bool) -> None:
    from silkwire.cli.ingest import print_report
    from silkwire.cli.output.console import open_console

    if is_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        print_report(report, open_console())


def _print_records(report: "RecordsReport", *, is_json: bool) -> None:
    if is_json:
        typer.echo(json.dumps(asdict(report)))
    for record in () if is_json else report.records:
        typer.echo(f"#{record.quarantine_key} {_OUTCOMES[record.outcome]}")
    _end_refused(report.refused)


def _end_refused(refused: "Sequence[Refused]") -> None:
    for one in refused:
        typer.echo(f"#{one.quarantine_key}: {one.reason}", err=True)
    if refused:
        raise typer.Exit(1)


_OUTCOMES = {
    "inserted": "released: a new article",
    "revised": "released: a new text of an article",
    "variant": "released: this feed's own text of an article",
    "unchanged": "released: the warehouse has this text already",
    "off_topic": "released: on no topic by the rules, so no article",
    "rejected": "rejected",
}

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
