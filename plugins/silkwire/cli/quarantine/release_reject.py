"""`silkwire quarantine release` and `reject`: decide on records, or on a held batch."""

import getpass
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.ingest import print_report
from silkwire.cli.options import AsJson, print_json
from silkwire.cli.quarantine.bulk import (
    WHICH,
    Feed,
    IsPreview,
    IsYes,
    KeysFile,
    Outlet,
    Reason,
    TitleHas,
    build_filter,
    decide_many,
    print_summary,
)
from silkwire.config import read_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from silkwire.model import BatchReport
    from silkwire.pipeline.quarantine.candidates import Refused
    from silkwire.pipeline.quarantine.release_reject import RecordsReport
    from silkwire.warehouse.tables.quarantine import RecordFilter

Reviewer = Annotated[
    str,
    typer.Option("--reviewer", help="Who decides; it is stored. Default: your login name."),
]
Names = Annotated[
    list[str] | None,
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
    names: Names = None,
    *,
    left_out: Annotated[
        list[int] | None,
        typer.Option(
            "--except",
            metavar="NUMBER",
            help="Reject this entry of the batch, by its entry_number in `show`; may be repeated.",
        ),
    ] = None,
    reason: Reason = None,
    feed: Feed = None,
    outlet: Outlet = None,
    title_has: TitleHas = None,
    keys_file: KeysFile = None,
    is_preview: IsPreview = False,
    is_yes: IsYes = False,
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Load records that failed validation, or a whole held batch.

    With --reason, --feed, --outlet, --where-title-has or --keys: all open
    records that meet what is given. --preview shows them, --yes releases them.

    A decision is final. The topic rules still apply to a released record. When
    its feed shows the same text again, the text counts as valid.

    A batch that is released after later batches is loaded as if it had come
    before them.

    Exit code 1 if a record cannot be released, because it is decided already or
    cannot be loaded; the other records are released.

    Examples:
      silkwire quarantine release 17
      silkwire quarantine release 17 18 25 --reviewer ann --json
      silkwire quarantine release --reason has_title --outlet Post --preview
      silkwire quarantine release 20261128T101500Z-5f0c2a1b
      silkwire quarantine release 20261128T101500Z-5f0c2a1b --except 4 --except 17
    """
    from silkwire.pipeline.held.release_reject import release_batch
    from silkwire.pipeline.quarantine.release_reject import release_records

    chosen = build_filter(reason, feed, outlet, title_has, keys_file)
    if left_out and (chosen or any(name.isdecimal() for name in names or ())):
        raise typer.BadParameter("only a batch has entries to leave out", param_hint="--except")
    release_chosen = partial(release_batch, left_out=left_out or ())
    _decide(
        _Choice(names or [], chosen, is_preview, is_yes, "release"),
        release_records,
        release_chosen,
        reviewer,
        is_json=is_json,
    )


def reject(
    names: Names = None,
    *,
    reason: Reason = None,
    feed: Feed = None,
    outlet: Outlet = None,
    title_has: TitleHas = None,
    keys_file: KeysFile = None,
    is_preview: IsPreview = False,
    is_yes: IsYes = False,
    reviewer: Reviewer = "",
    is_json: AsJson = False,
) -> None:
    """Keep records, or a whole held batch, out of the warehouse for good.

    With --reason, --feed, --outlet, --where-title-has or --keys: all open
    records that meet what is given. --preview shows them, --yes rejects them.

    A rejected record stays out whenever its feed shows the same text again.
    After a batch is rejected, its feeds are fetched without validators, so that
    their servers send whole documents again.

    Exit code 1 if a record is decided already; the other records are rejected.

    Examples:
      silkwire quarantine reject 17 18
      silkwire quarantine reject 20261128T101500Z-5f0c2a1b --reviewer ann
      silkwire quarantine reject --outlet Post --where-title-has cake --yes
      silkwire query own.sql --csv | silkwire quarantine reject --keys - --yes
    """
    from silkwire.pipeline.held.release_reject import reject_batch
    from silkwire.pipeline.quarantine.release_reject import reject_records

    chosen = build_filter(reason, feed, outlet, title_has, keys_file)
    _decide(
        _Choice(names or [], chosen, is_preview, is_yes, "reject"),
        reject_records,
        reject_batch,
        reviewer,
        is_json=is_json,
    )


@dataclass(frozen=True, slots=True)
class _Choice:
    """What a command is to decide on."""

    names: list[str]
    chosen: "RecordFilter | None"
    is_preview: bool
    is_yes: bool
    verb: str


def _decide(
    choice: _Choice,
    decide_records: "Callable[..., RecordsReport]",
    decide_batch: "Callable[..., BatchReport]",
    reviewer: str,
    *,
    is_json: bool,
) -> None:
    from silkwire.pipeline import open_context
    from silkwire.warehouse.tables.quarantine import RecordFilter

    names, chosen = choice.names, choice.chosen
    batch_ids = [name for name in names if not name.isdecimal()]
    if bool(names) == (chosen is not None):
        raise typer.BadParameter(WHICH)
    if batch_ids and len(names) > 1:
        raise typer.BadParameter(
            "give one batch, or the numbers of records", param_hint="KEY|BATCH"
        )
    if batch_ids and choice.is_preview:
        raise typer.BadParameter(f"`silkwire quarantine show {batch_ids[0]}` shows a batch")
    if choice.is_preview and names:
        chosen = RecordFilter(keys=tuple(map(int, names)))
    reviewer = reviewer or getpass.getuser()
    with open_context(read_settings()) as ctx:
        if chosen is not None:
            report = decide_many(
                ctx,
                chosen,
                decide_records,
                verb=choice.verb,
                reviewer=reviewer,
                is_preview=choice.is_preview,
                is_yes=choice.is_yes,
                is_json=is_json,
            )
            if report is not None:
                _print_many(report, is_json=is_json)
            return
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


def _print_many(report: "RecordsReport", *, is_json: bool) -> None:
    if is_json:
        print_json(report)
    else:
        print_summary(report, _OUTCOMES)
    fail_for_refused(report.refused)


def fail_for_refused(refused: "Sequence[Refused]") -> None:
    """Print why each of these records was not decided on; exit with 1 if there are any records."""
    for one in refused:
        typer.echo(f"#{one.quarantine_key}: {one.reason}", err=True)
    if refused:
        raise typer.Exit(1)
