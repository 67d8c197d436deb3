"""`silkwire feeds list`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import open_console
from silkwire.config import read_settings
from silkwire.errors import ConfigError


def list_feeds(
    state: Annotated[
        str | None,
        typer.Option(help="Only feeds in this state: new, healthy, failing, gone or paused."),
    ] = None,
    match: Annotated[
        str | None,
        typer.Option(help="Only feeds with this text in their url, title, outlet or tags."),
    ] = None,
    is_json: AsJson = False,
) -> None:
    """Show every feed with its state, when it is next due, and its last error.

    Feeds with problems come first. A feed is new until its first fetch.

    Examples:
      silkwire feeds list --state failing
      silkwire feeds list --match arxiv --json | jq '.feeds[].next_due_at'
    """
    from silkwire.cli.feeds.feed_list import read_overview
    from silkwire.cli.feeds.output import draw_feeds, feed_to_json
    from silkwire.feeds.overview import STATES, filter_feeds

    if state is not None and state not in STATES:
        raise ConfigError(f"--state must be one of {', '.join(STATES)}")
    now = datetime.now(UTC)
    feeds = filter_feeds(read_overview(read_settings(), now), state=state, match=match)
    if is_json:
        print_json({"feeds": [feed_to_json(feed) for feed in feeds]})
        return
    console = open_console()
    for line in draw_feeds(feeds, now, console.width) if feeds else ():
        console.print(line, soft_wrap=True)
    console.print(f"{len(feeds):,} feed{'' if len(feeds) == 1 else 's'}")
