"""`silkwire topics`: try, measure, check and adopt the topic rules in config/topics/."""

import typer

from silkwire.cli.topics.check_adopt import adopt, check
from silkwire.cli.topics.evaluate import evaluate
from silkwire.cli.topics.match_explain import explain, match

app = typer.Typer(
    no_args_is_help=True,
    help="Try, measure, check and adopt the topic rules in config/topics/.",
)
app.command()(match)
app.command()(explain)
app.command()(evaluate)
app.command()(check)
app.command()(adopt)
