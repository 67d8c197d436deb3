"""`silkwire watches`: check config/watches.yaml, and send a test message."""

from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.counts import count_of
from silkwire.config import read_settings
from silkwire.errors import ConfigError, SilkwireError

if TYPE_CHECKING:
    from silkwire.watches import Watch, WatchList

app = typer.Typer(
    no_args_is_help=True,
    help="Check and test config/watches.yaml: who is notified of which articles and problems.",
)


@app.command()
def check(is_json: AsJson = False) -> None:
    """Check config/watches.yaml and every destination in it. Sends nothing.

    A mistake is printed as one sentence with file and line. The exit code is
    then 2.

    Example: silkwire watches check
    """
    from silkwire.watches import open_destination

    found = _read()
    for destination in (*(to for watch in found.watches for to in watch.to), *found.operators):
        open_destination(destination)
    if is_json:
        names = [watch.name for watch in found.watches]
        print_json({"watches": names, "operators": len(found.operators)})
        return
    for watch in found.watches:
        typer.echo(f"{watch.name}: {_describe(watch)}")
    typer.echo(f"{len(found.watches)} watches; operators have {len(found.operators)} destinations")


@app.command()
def test(
    name: Annotated[
        str,
        typer.Argument(
            help="A watch of config/watches.yaml, or operators.", metavar="NAME", show_default=False
        ),
    ],
) -> None:
    """Send a test message to every destination of a watch.

    Exit code 1 if a destination does not accept it.

    Examples:
      silkwire watches test talent-travel
      silkwire watches test operators
    """
    from silkwire.watches import OPERATORS, compose, send

    found = _read()
    places = {watch.name: watch.to for watch in found.watches} | {OPERATORS: found.operators}
    if not places.get(name):
        known = ", ".join(place for place in places if places[place]) or "none"
        raise ConfigError(f"'{name}' is no watch with a destination; these are: {known}")
    message = compose(name, [{"title": "Test message of silkwire", "outlet": "silkwire"}])
    reasons = [reason for place in places[name] if (reason := send(place, message))]
    if reasons:
        raise SilkwireError("; ".join(reasons))
    count = count_of(len(places[name]), "destination")
    typer.echo(f"Delivered to {len(places[name])} of {count}.")


def _read() -> "WatchList":
    from silkwire.topics import list_topics
    from silkwire.watches import load_watches

    folder = read_settings().config_dir
    return load_watches(folder, list_topics(folder))


def _describe(watch: "Watch") -> str:
    parts = [
        " and ".join(watch.topics),
        " or ".join(watch.scopes),
        " or ".join(watch.words),
        " or ".join(watch.outlets),
    ]
    when = f"daily at {watch.digest:%H:%M} UTC" if watch.digest else "at once"
    return f"{'; '.join(filter(None, parts))} → {len(watch.to)} destinations, {when}"
