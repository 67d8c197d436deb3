"""`silkwire db clean`: what is older than the settings say goes."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def clean(
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Remove what is no longer needed; Airflow does so daily, in check_warehouse.

    Entries that were off topic go after SILKWIRE_KEEP_OFF_TOPIC_DAYS, quarantined records that were
    decided on after SILKWIRE_KEEP_QUARANTINE_DAYS, files of batches that are decided after
    SILKWIRE_KEEP_BATCH_DAYS, months of ops.fetch and ops.expectation_result after
    SILKWIRE_KEEP_MONTHS; open records and archive files after SILKWIRE_KEEP_OPEN_DAYS and
    SILKWIRE_KEEP_ARCHIVE_DAYS, if these are set. Articles stay.

    \b
    Example:
      silkwire db clean
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.retention import clean as clean_up

    with open_context(read_settings()) as ctx:
        cleaned = clean_up(ctx)
    if is_json:
        typer.echo(json.dumps(asdict(cleaned)))
        return
    typer.echo(f"{cleaned.off_topic_count:,} entries that were off topic")
    typer.echo(f"{cleaned.quarantine_count:,} quarantined records")
    typer.echo(f"{cleaned.folder_count:,} folders of batches")
    typer.echo(f"{cleaned.archive_file_count:,} archive files")
    typer.echo(f"{len(cleaned.months):,} months: {', '.join(cleaned.months) or 'none is that old'}")
