"""Arguments and options that several commands of `silkwire feeds` share."""

from typing import Annotated

import typer

IsFeed = Annotated[
    bool,
    typer.Option(
        "--feed", help="The url is a feed and not a page, so robots.txt does not apply to it."
    ),
]
Urls = Annotated[
    list[str], typer.Argument(help="Urls of feeds, as in the feed list.", show_default=False)
]
