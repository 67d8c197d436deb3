"""`silkwire quarantine release` and `reject`: decide on records, or on a held batch."""

import getpass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.ingest import print_report
from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from silkwire.model import BatchReport
    from silkwire.pipeline.quarantine.candidates import Refused
    from silkwire.pipeline.quarantine.release_reject import RecordsReport

Reviewer = Annotated[
    str,
    typer.Option("--reviewer", help="Who decides; it is stored. Default: your login name."),
]
Names = Annotated[
    list[str],
    typer.Argument(metavar="KEY|BATCH", help="Numbers of records in `list`, or one held batch."),
]
_OUTCOMES = {
    "inserted": "released: a new article",
    "revised": "released: a new text of an article",
    "variant": "released: this feed's own text of an article",
    "unchanged": "released: the warehouse has this text already",
    "off_topic": "released: on no topic by the rules, so not an article",
    "rejected": "rejected",
}


def release(
    names: Names,
    left_out: Annotated[
        list[int] | None,
        typer.Option(
            "--except",
            metavar="NUMBER",
            help="Reject this entry of the batch, by its entry_number in `show`; may be repeated.",
        ),
    ] = None,
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Load records that failed validation, or a whole held batch.

    A decision is final. The topic rules still apply to a released record. When
    its feed shows the same text again, the text counts as valid.

    A batch that is released after later batches is loaded as if it had come
    before them.

    Exit code 1 if a record cannot be released, because it is decided already or
    cannot be loaded; the other records are released.

    Examples:
      silkwire quarantine release 17
      silkwire quarantine release 17 18 25 --reviewer ann --json
      silkwire quarantine release 20261128T101500Z-5f0c2a1b
      silkwire quarantine release 20261128T101500Z-5f0c2a1b --except 4 --except 17
    """
    from silkwire.pipeline.held.release_reject import release_batch
    from silkwire.pipeline.quarantine.release_reject import release_records

    if left_out and any(name.isdecimal() for name in names):
        raise typer.BadParameter("only a batch has entries to leave out", param_hint="--except")
    release_chosen = partial(release_batch, left_out=left_out or ())
    _decide(names, release_records, release_chosen, reviewer, is_json=is_json)


def reject(names: Names, reviewer: Reviewer = "", is_json: AsJson = False) -> None:
    """Keep records, or a whole held batch, out of the warehouse for good.

    A rejected record stays out whenever its feed shows the same text again.
    After a batch is rejected, its feeds are fetched without validators, so that
    their servers send whole documents again.

    Exit code 1 if a record is decided already; the other records are rejected.

    Examples:
      silkwire quarantine reject 17 18
      silkwire quarantine reject 20261128T101500Z-5f0c2a1b --reviewer ann
    """
    from silkwire.pipeline.held.release_reject import reject_batch
    from silkwire.pipeline.quarantine.release_reject import reject_records

    _decide(names, reject_records, reject_batch, reviewer, is_json=is_json)


def _decide(
    names: list[str],
    decide_records: "Callable[..., RecordsReport]",
    decide_batch: "Callable[..., BatchReport]",
    reviewer: str,
    *,
    is_json: bool,
) -> None:
    from silkwire.pipeline import open_context

    batch_ids = [name for name in names if not name.isdecimal()]
    if batch_ids and len(names) > 1:
        raise typer.BadParameter(
            "give one batch, or the numbers of records", param_hint="KEY|BATCH"
        )
    reviewer = reviewer or getpass.getuser()
    with open_context(read_settings()) as ctx:
        if not batch_ids:
            records = decide_records(ctx, map(int, names), reviewer=reviewer)
            _print_records(records, is_json=is_json)
            return
        batch = decide_batch(ctx, batch_ids[0], reviewer=reviewer)
    if is_json:
        print_json(batch)
    else:
        print_report(batch)


def _print_records(report: "RecordsReport", *, is_json: bool) -> None:
    if is_json:
        print_json(report)
    for record in () if is_json else report.records:
        typer.echo(f"#{record.quarantine_key} {_OUTCOMES[record.outcome]}")
    fail_for_refused(report.refused)


def fail_for_refused(refused: "Sequence[Refused]") -> None:
    """Print why each of these records was not decided on; exit with 1 if there are any records."""
    for one in refused:
        typer.echo(f"#{one.quarantine_key}: {one.reason}", err=True)
    if refused:
        raise typer.Exit(1)
