"""`silkwire db`: the warehouse, whether embedded or named by SILKWIRE_WAREHOUSE_URL."""

import typer

from silkwire.cli.db.check import check
from silkwire.cli.db.clean import clean
from silkwire.cli.db.leftovers import list_servers, prune
from silkwire.cli.db.psql import backup, psql, upgrade, url
from silkwire.cli.db.restore import restore
from silkwire.cli.db.server import start, status, stop

app = typer.Typer(
    no_args_is_help=True, help="The warehouse: its server, schema, checks, retention and backups."
)
app.command()(check)
app.command()(clean)
app.command()(url)
app.command()(start)
app.command()(stop)
app.command()(status)
app.command("list")(list_servers)
app.command()(prune)
app.command()(upgrade)
app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(psql)
app.command()(backup)
app.command()(restore)
