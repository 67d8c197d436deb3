"""`silkwire quarantine retry`."""

from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.quarantine.release_reject import fail_for_refused
from silkwire.cli.stopping import stoppable_run
from silkwire.config import read_settings

if TYPE_CHECKING:
    from silkwire.pipeline.quarantine.retry import RetryReport

STOPPED = "stopped; what was decided is kept, and the same command goes on from there"


def retry(
    keys: Annotated[
        list[int] | None, typer.Argument(metavar="KEY", help="Numbers of records in `list`.")
    ] = None,
    is_all: Annotated[bool, typer.Option("--all", help="Retry all open records.")] = False,
    reason: Annotated[
        str | None,
        typer.Option(
            "--reason",
            metavar="EXPECTATION",
            help="Retry all open records that fail this expectation, such as has_title.",
        ),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Parse, match, validate and load open records again, after a fix of rules or parser.

    Their documents are read from the archive. Records that are valid now are
    released by the reviewer "retry". Records that still fail stay open, with the
    reasons of this retry. A command that was stopped can be run again.

    Exit code 1 if a record is not open or does not exist; the others are retried.

    Examples:
      silkwire quarantine retry 17 18
      silkwire quarantine retry --reason title_is_undamaged
      silkwire quarantine retry --all --json | jq .outcomes
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.quarantine.retry import retry_records

    if bool(keys) == (is_all or reason is not None):
        raise typer.BadParameter("give numbers of records, or --all, or --reason EXPECTATION")
    with stoppable_run(STOPPED) as progress, open_context(read_settings()) as ctx:
        report = retry_records(ctx, keys or None, reason=reason, progress=progress)
    if is_json:
        print_json(report)
    else:
        _print_retry(report)
    fail_for_refused(report.refused)


def _print_retry(report: "RetryReport") -> None:
    outcomes = ", ".join(f"{count:,} {name}" for name, count in report.outcomes.items())
    typer.echo(f"{report.tried:,} tried: {report.released:,} released ({outcomes or 'none'})")
    typer.echo(f"still failing: {report.failing:,}; `silkwire quarantine list` shows the reasons")
    if report.unread:
        typer.echo(f"still not found by the parser: {report.unread:,}")
    if report.late:
        typer.echo(f"outdated by a later text of the feed: {report.late:,}; reject these")
