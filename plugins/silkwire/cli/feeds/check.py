"""`silkwire feeds check`."""

from typing import Annotated

import typer

from silkwire.cli.feeds.arguments import IsFeed
from silkwire.cli.options import AsJson, print_json
from silkwire.cli.output.console import open_console
from silkwire.config import read_settings


def check(
    url: Annotated[
        str,
        typer.Argument(help="The url of a feed or a page, in the list or not.", show_default=False),
    ],
    is_feed: IsFeed = False,
    is_json: AsJson = False,
) -> None:
    """Fetch a url once and show what silkwire reads in it. Stores nothing.

    A url that is not in the list may be a page, so it is fetched only if its
    site's robots.txt allows it.

    Exit code 1 if it is not a feed that silkwire can read.

    Examples:
      silkwire feeds check https://www.scmp.com/rss/4/feed
      silkwire feeds check https://technode.com/ --json | jq .suggested_feed_url
    """
    from silkwire.cli.feeds.feed_list import find_listed, read_url
    from silkwire.cli.feeds.output import explain_probe, probe_to_json
    from silkwire.cli.feeds.probe import Robots, probe_feed

    settings = read_settings()
    split = read_url(url)
    listed = find_listed(split, settings)
    credential = listed.credential if listed and split.credential is None else split.credential
    refused = None if is_feed or listed else Robots(settings).refuse(split.feed_url)
    probe = refused or probe_feed(split.feed_url, settings, credential)
    if is_json:
        print_json(probe_to_json(probe))
    else:
        console = open_console()
        console.print(probe.url, style="bold")
        for topic, sentence in explain_probe(probe):
            console.print(f"  {topic:<11}{sentence}", soft_wrap=True)
    if not probe.is_feed:
        raise typer.Exit(1)
