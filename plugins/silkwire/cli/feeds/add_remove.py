"""`silkwire feeds add` and `remove`: edit the feed list."""

from typing import Annotated

import typer

from silkwire.cli.feeds.arguments import IsFeed, Urls
from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings
from silkwire.errors import ConfigError


def add(
    url: Annotated[
        str, typer.Argument(help="The url of a feed, or of a page with one.", show_default=False)
    ],
    *,
    title: Annotated[str | None, typer.Option(help="Default: the title in the feed.")] = None,
    outlet: Annotated[str | None, typer.Option(help="The publisher. Default: none.")] = None,
    language: Annotated[
        str | None, typer.Option(help="Such as en or zh-Hant. Default: the language in the feed.")
    ] = None,
    folder: Annotated[
        str | None,
        typer.Option(
            help="Put the feed into this folder of the list, which is made if missing. The folder "
            "is also a tag."
        ),
    ] = None,
    poll: Annotated[
        str | None,
        typer.Option(
            help="A fixed interval between fetches, such as 10m, 2h or 1d. Default: silkwire "
            "adapts it to the feed."
        ),
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag; may be repeated.")] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(
            help="ai or china_travel: the feed is dedicated to this topic, so that all of its "
            "entries match. May be repeated."
        ),
    ] = None,
    is_unchecked: Annotated[
        bool, typer.Option("--no-check", help="Add the url to the list without fetching it.")
    ] = False,
    is_feed: IsFeed = False,
    is_json: AsJson = False,
) -> None:
    """Add a feed to the list. If the url is a page, silkwire looks for the page's feed.

    A page is fetched only if its site's robots.txt allows it. For a feed
    robots.txt is not read, because feeds are published to be polled.

    Examples:
      silkwire feeds add https://technode.com/
      silkwire feeds add https://openai.com/news/rss.xml --topic ai --poll 10m
    """
    from silkwire.cli.feeds.feed_list import find_feed, list_path
    from silkwire.feeds.opml.document import PlacedFeed
    from silkwire.feeds.opml.edit import add_feeds
    from silkwire.feeds.opml.read import describe_feed
    from silkwire.topics import list_topics

    settings = read_settings()
    topics = list_topics(settings.config_dir)
    feed = describe_feed(
        url,
        topics,
        title=title,
        outlet=outlet,
        language=language,
        poll=poll,
        tags=tag or (),
        topics=topic or (),
    )
    if not is_unchecked:
        feed = find_feed(feed, settings, is_page=not is_feed)
    path = list_path(settings)
    added = add_feeds(path, [PlacedFeed(feed, (folder,) if folder else ())], topics)
    if is_json:
        found = {"feed_url": feed.feed_url, "title": feed.title, "is_added": bool(added)}
        print_json({**found, "file": str(path)})
    elif added:
        typer.echo(f"Added {feed.feed_url} ({feed.title or 'no title'}) to {path}")
        typer.echo("The next batch fetches it.")
    else:
        typer.echo(f"{feed.feed_url} is in the list already")


def remove(urls: Urls, is_json: AsJson = False) -> None:
    """Remove feeds from the list. The next batch pauses them; their articles stay.

    Example: silkwire feeds remove https://example.org/rss
    """
    from silkwire.cli.feeds.feed_list import list_path, read_url
    from silkwire.feeds.opml.edit import remove_feeds
    from silkwire.topics import list_topics

    settings = read_settings()
    path, listed_urls = list_path(settings), [read_url(url).feed_url for url in urls]
    missing = remove_feeds(path, listed_urls, list_topics(settings.config_dir))
    removed = len(urls) - len(missing)
    if is_json:
        print_json({"removed": removed, "missing": missing, "file": str(path)})
    elif removed:
        typer.echo(f"Removed {removed} from {path}")
    if missing:
        raise ConfigError(f"not in the list: {', '.join(missing)}")
