"""`silkwire feeds pause` and `resume`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from silkwire.cli.feeds.arguments import Urls
from silkwire.cli.options import AsJson, print_json
from silkwire.errors import ConfigError


def pause(
    urls: Urls,
    reason: Annotated[
        str, typer.Option(help="Why; `silkwire feeds list` shows it.")
    ] = "paused by hand",
    is_json: AsJson = False,
) -> None:
    """Stop fetching these feeds until `silkwire feeds resume`. They stay in the list.

    Example: silkwire feeds pause https://example.org/rss --reason "ticket 12"
    """
    from silkwire.cli.feeds.feed_list import find_name, open_feeds
    from silkwire.feeds.pause import pause_feed
    from silkwire.feeds.sync import NOT_LISTED

    if not reason.strip() or reason == NOT_LISTED:
        raise ConfigError(f'--reason must say why, and not "{reason}"')
    with open_feeds() as conn:
        for url in urls:
            pause_feed(conn, find_name(conn, url), reason=reason)
    _print_count("paused", len(urls), is_json=is_json)


def resume(urls: Urls, is_json: AsJson = False) -> None:
    """Fetch paused feeds again, from the next batch on.

    Example: silkwire feeds resume https://example.org/rss
    """
    from silkwire.cli.feeds.feed_list import find_name, open_feeds
    from silkwire.feeds.pause import resume_feed

    now = datetime.now(UTC)
    with open_feeds() as conn:
        resumed = sum(resume_feed(conn, find_name(conn, url), now=now) for url in urls)
    _print_count("resumed", resumed, is_json=is_json)


def _print_count(what: str, count: int, *, is_json: bool) -> None:
    if is_json:
        print_json({what: count})
    else:
        typer.echo(f"{what.capitalize()} {count}")
