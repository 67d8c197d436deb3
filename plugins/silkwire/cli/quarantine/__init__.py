"""`silkwire quarantine`: review held batches and quarantined records."""

import typer

from silkwire.cli.quarantine.list_show import list_records, show
from silkwire.cli.quarantine.release_reject import reject, release
from silkwire.cli.quarantine.retry import retry

app = typer.Typer(
    no_args_is_help=True,
    help="Review held batches and quarantined records: the entries that failed validation.",
)
app.command("list")(list_records)
app.command()(show)
app.command()(release)
app.command()(reject)
app.command()(retry)
