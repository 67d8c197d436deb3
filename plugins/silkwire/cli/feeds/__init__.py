"""`silkwire feeds`: the feed list (config/feeds.opml) and the state of its feeds (ops.feed)."""

import typer

from silkwire.cli.feeds.add_remove import add, remove
from silkwire.cli.feeds.check import check
from silkwire.cli.feeds.import_export import export_list, import_list
from silkwire.cli.feeds.list_feeds import list_feeds
from silkwire.cli.feeds.pause_resume import pause, resume

app = typer.Typer(
    no_args_is_help=True,
    help="Show, edit and check the feed list (config/feeds.opml); pause and resume feeds.",
)
app.command("list")(list_feeds)
app.command()(add)
app.command()(remove)
app.command("import")(import_list)
app.command("export")(export_list)
app.command()(check)
app.command()(pause)
app.command()(resume)
