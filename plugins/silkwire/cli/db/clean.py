"""`silkwire db clean`."""

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings


def clean(is_json: AsJson = False) -> None:
    """Remove rows and files that are older than the settings allow. Articles always stay.

    It removes, after the number of days in these settings:
      SILKWIRE_KEEP_OFF_TOPIC_DAYS   off-topic entries
      SILKWIRE_KEEP_QUARANTINE_DAYS  records that were released or rejected
      SILKWIRE_KEEP_OPEN_DAYS        open records (only if set)
      SILKWIRE_KEEP_BATCH_DAYS       files of decided batches
      SILKWIRE_KEEP_ARCHIVE_DAYS     archive files (only if set)
    and after SILKWIRE_KEEP_MONTHS months: ops.fetch and ops.expectation_result.

    Airflow does this every day in the DAG check_warehouse.

    Example: silkwire db clean
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep import retention

    with open_context(read_settings()) as ctx:
        cleaned = retention.clean(ctx)
    if is_json:
        print_json(cleaned)
        return
    typer.echo(f"{cleaned.off_topic_count:,} off-topic entries")
    typer.echo(f"{cleaned.quarantine_count:,} quarantined records")
    typer.echo(f"{cleaned.folder_count:,} folders of batches")
    typer.echo(f"{cleaned.archive_file_count:,} archive files")
    typer.echo(f"{len(cleaned.months):,} months: {', '.join(cleaned.months) or 'none is that old'}")
