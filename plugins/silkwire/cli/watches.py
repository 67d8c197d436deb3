"""`silkwire watches`: who is told of what."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.errors import ConfigError, SilkwireError

if TYPE_CHECKING:
    from silkwire.watches import Watch, WatchList

app = typer.Typer(
    no_args_is_help=True, help="Who is told of what: config/watches.yaml checked, and tried."
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def check(is_json: Json = False) -> None:
    """Read config/watches.yaml and every destination in it; tell nobody.

    \b
    Examples:
      silkwire watches check
    """
    from silkwire.watches import open_destination

    found = _read()
    for watch in found.watches:
        for destination in watch.to:
            open_destination(destination)
    for destination in found.operators:
        open_destination(destination)
    if is_json:
        names = [watch.name for watch in found.watches]
        typer.echo(json.dumps({"watches": names, "operators": len(found.operators)}))
        return
    for watch in found.watches:
        typer.echo(f"{watch.name}: {_describe(watch)}")
    told = f"told in {len(found.operators)} places" if found.operators else "told nowhere"
    typer.echo(f"{len(found.watches)} watches; operators are {told}")


@app.command()
def test(
    name: Annotated[
        str, typer.Argument(help="A watch, or operators.", metavar="NAME", show_default=False)
    ],
) -> None:
    """Send a message as this watch would, to see where it arrives.

    \b
    Examples:
      silkwire watches test talent-travel
      silkwire watches test operators
    """
    from silkwire.watches import OPERATORS, compose, send

    found = _read()
    places = {watch.name: watch.to for watch in found.watches} | {OPERATORS: found.operators}
    if not places.get(name):
        known = ", ".join(place for place in places if places[place]) or "none"
        raise ConfigError(f"there is no watch '{name}' that tells anybody; there are: {known}")
    message = compose(
        name, [{"title": "A message to see whether it arrives", "outlet": "silkwire"}]
    )
    reasons = [reason for place in places[name] if (reason := send(place, message))]
    if reasons:
        raise SilkwireError("; ".join(reasons))
    typer.echo(f"Delivered to {len(places[name])} of {len(places[name])} places.")


def _read() -> "WatchList":
    from silkwire.config import read_settings
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
    return f"{'; '.join(filter(None, parts))} → {len(watch.to)} places, {when}"
