"""`silkwire feeds`: the list (config/feeds.opml) and the state of its feeds (ops.feed)."""

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from silkwire.errors import ConfigError

if TYPE_CHECKING:
    from silkwire.feeds.opml.read import ListedFeed

app = typer.Typer(
    no_args_is_help=True,
    help="The feeds: list, add, remove, import, export, check, pause, resume.",
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Url = Annotated[str, typer.Argument(help="The feed's url, as listed.", show_default=False)]
IsFeed = Annotated[
    bool, typer.Option("--feed", help="It is a feed and no page: robots.txt is not asked.")
]
Urls = Annotated[list[str], typer.Argument(help="Urls of feeds, as listed.", show_default=False)]


@app.command("list")
def list_(
    state: Annotated[
        str | None, typer.Option(help="Only feeds that are new, healthy, failing, gone or paused.")
    ] = None,
    match: Annotated[
        str | None, typer.Option(help="Only feeds with this in url, title, outlet or tags.")
    ] = None,
    is_json: Json = False,
) -> None:
    """Show every feed with its health, when it is next due, and its last error.

    Feeds that are ill come first. One is `new` until it was asked for the first time.

    \b
    Examples:
      silkwire feeds list --state failing
      silkwire feeds list --match arxiv --json | jq '.feeds[].next_due_at'
    """
    from silkwire.cli.feeds.feed_list import read_overview
    from silkwire.cli.feeds.output import draw_feeds, feed_to_json
    from silkwire.cli.output.console import open_console
    from silkwire.config import read_settings
    from silkwire.feeds.overview import STATES, filter_feeds

    if state is not None and state not in STATES:
        raise ConfigError(f"--state must be one of {', '.join(STATES)}")
    now = datetime.now(UTC)
    feeds = filter_feeds(read_overview(read_settings(), now), state=state, match=match)
    if is_json:
        typer.echo(json.dumps({"feeds": [feed_to_json(feed) for feed in feeds]}))
        return
    console = open_console()
    for line in draw_feeds(feeds, now, console.width) if feeds else ():
        console.print(line, soft_wrap=True)
    console.print(f"{len(feeds):,} feed{'' if len(feeds) == 1 else 's'}")


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="A feed, or a page that has one.", show_default=False)],
    *,
    title: Annotated[str | None, typer.Option(help="Default: what the feed says.")] = None,
    outlet: Annotated[str | None, typer.Option(help="Who publishes it.")] = None,
    language: Annotated[str | None, typer.Option(help="Such as en or zh-Hant.")] = None,
    folder: Annotated[
        str | None, typer.Option(help="Folder of the list, made if missing; becomes a tag.")
    ] = None,
    poll: Annotated[
        str | None, typer.Option(help="A fixed interval for an urgent feed, such as 10m.")
    ] = None,
    tag: Annotated[list[str] | None, typer.Option(help="May be given several times.")] = None,
    topic: Annotated[
        list[str] | None,
        typer.Option(help="A topic, such as ai, that all entries of this feed match."),
    ] = None,
    is_unchecked: Annotated[
        bool, typer.Option("--no-check", help="List it without fetching it.")
    ] = False,
    is_feed: IsFeed = False,
    is_json: Json = False,
) -> None:
    """Add a feed to the list. A page's url will do: its feed is looked for.

    A page is read only where its site's robots.txt lets silkwire; feeds are published to be polled.

    \b
    Examples:
      silkwire feeds add https://technode.com/
      silkwire feeds add https://openai.com/news/rss.xml --folder AI --outlet OpenAI --topic ai
    """
    from silkwire.cli.feeds.feed_list import find_feed, list_path
    from silkwire.config import read_settings
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
        typer.echo(json.dumps({**found, "file": str(path)}))
    elif added:
        typer.echo(f"Added {feed.feed_url} ({feed.title or 'no title'}) to {path}")
        typer.echo("The next batch reads it.")
    else:
        typer.echo(f"{feed.feed_url} is listed already")


@app.command()
def remove(urls: Urls, is_json: Json = False) -> None:
    """Take feeds off the list. The next batch pauses them; what they brought stays.

    \b
    Example:
      silkwire feeds remove https://example.org/rss
    """
    from silkwire.cli.feeds.feed_list import list_path, read_url
    from silkwire.config import read_settings
    from silkwire.feeds.opml.edit import remove_feeds
    from silkwire.topics import list_topics

    settings = read_settings()
    path = list_path(settings)
    listed_urls = [read_url(url).feed_url for url in urls]
    missing = remove_feeds(path, listed_urls, list_topics(settings.config_dir))
    removed = len(urls) - len(missing)
    if is_json:
        typer.echo(json.dumps({"removed": removed, "missing": missing, "file": str(path)}))
    elif removed:
        typer.echo(f"Removed {removed} from {path}")
    if missing:
        raise ConfigError(f"not in the list: {', '.join(missing)}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="An OPML file that any feed reader exported.")],
    folder: Annotated[
        str | None, typer.Option(help="Put all of it into this folder, its own folders inside.")
    ] = None,
    is_dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be added, change nothing.")
    ] = False,
    is_json: Json = False,
) -> None:
    """Add the feeds of another list; its folders become ours, and tags. None is added twice.

    \b
    Examples:
      silkwire feeds import subscriptions.opml --dry-run
      silkwire feeds import subscriptions.opml --folder Imported
    """
    from silkwire.cli.feeds.feed_list import list_path, read_list
    from silkwire.config import read_settings
    from silkwire.feeds.opml.edit import add_feeds, select_new
    from silkwire.feeds.opml.foreign import read_foreign_list
    from silkwire.topics import list_topics

    settings = read_settings()
    topics = list_topics(settings.config_dir)
    found = read_foreign_list(file, topics)
    path = list_path(settings)
    outer = (folder,) if folder else ()
    placed = [replace(item, folders=outer + item.folders) for item in found.placed]
    if is_dry_run:
        listed = read_list(settings) if path.exists() else ()
        added: Sequence[ListedFeed] = [item.feed for item in select_new(placed, listed)]
    else:
        added = add_feeds(path, placed, topics)
    counts = {
        "added": len(added),
        "already_listed": len(placed) - len(added),
        "skipped": [{"line": item.line, "reason": item.reason} for item in found.skipped],
    }
    if is_json:
        typer.echo(json.dumps({**counts, "file": str(path)}))
        return
    verb = "Would add" if is_dry_run else "Added"
    typer.echo(f"{verb} {len(added):,} feeds to {path}; {counts['already_listed']:,} were there")
    for item in found.skipped:
        typer.echo(f"{file}:{item.line}: skipped: {item.reason}", err=True)


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to write; default: stdout.")] = None,
    has_credentials: Annotated[
        bool, typer.Option("--with-credentials", help="Keep users and passwords of feeds.")
    ] = False,
) -> None:
    """Write the list as OPML that any feed reader takes, without credentials.

    \b
    Example:
      silkwire feeds export subscriptions.opml
    """
    from silkwire.cli.feeds.feed_list import list_path
    from silkwire.config import read_settings
    from silkwire.feeds.opml.edit import export_list
    from silkwire.topics import list_topics

    settings = read_settings()
    topics = list_topics(settings.config_dir)
    document = export_list(list_path(settings), topics, has_credentials=has_credentials)
    if file is None:
        sys.stdout.buffer.write(document)
        return
    try:
        file.write_bytes(document)
    except OSError as exc:
        raise ConfigError(f"cannot be written: {exc.strerror}", file=file) from exc


@app.command()
def check(
    url: Annotated[str, typer.Argument(help="Any url, listed or not.", show_default=False)],
    is_feed: IsFeed = False,
    is_json: Json = False,
) -> None:
    """Fetch a url once and explain what silkwire makes of it; stores nothing.

    A url that is not listed may be a page, and is read only where its site's robots.txt lets
    silkwire. Exit code 1 if it is no feed that can be read.

    \b
    Examples:
      silkwire feeds check https://www.scmp.com/rss/4/feed
      silkwire feeds check https://technode.com/ --json | jq .suggested_feed_url
    """
    from silkwire.cli.feeds.feed_list import find_credential, is_listed, read_url
    from silkwire.cli.feeds.output import explain_probe, probe_to_json
    from silkwire.cli.feeds.probe import Robots, probe_feed
    from silkwire.cli.output.console import open_console
    from silkwire.config import read_settings

    settings = read_settings()
    split = read_url(url)
    is_page = not is_feed and not is_listed(split, settings)
    refused = Robots(settings).refuse(split.feed_url) if is_page else None
    probe = refused or probe_feed(split.feed_url, settings, find_credential(split, settings))
    if is_json:
        typer.echo(json.dumps(probe_to_json(probe)))
    else:
        console = open_console()
        console.print(probe.url, style="bold")
        for topic, sentence in explain_probe(probe):
            console.print(f"  {topic:<11}{sentence}", soft_wrap=True)
    if not probe.is_feed:
        raise typer.Exit(1)


@app.command()
def pause(
    urls: Urls,
    reason: Annotated[
        str, typer.Option(help="Why, for those who see it in the list.")
    ] = "paused by hand",
    is_json: Json = False,
) -> None:
    """Leave feeds alone until `silkwire feeds resume`, whatever the list says.

    \b
    Example:
      silkwire feeds pause https://example.org/rss --reason "asks for money, ticket 12"
    """
    from silkwire.cli.feeds.feed_list import find_name, open_feeds
    from silkwire.feeds.pause import pause_feed
    from silkwire.feeds.sync import NOT_LISTED

    if not reason.strip() or reason == NOT_LISTED:
        raise ConfigError("--reason must say why")
    with open_feeds() as conn:
        for url in urls:
            pause_feed(conn, find_name(conn, url), reason=reason)
    typer.echo(json.dumps({"paused": len(urls)}) if is_json else f"Paused {len(urls)}")


@app.command()
def resume(urls: Urls, is_json: Json = False) -> None:
    """Read paused feeds again, from the next batch on.

    \b
    Example:
      silkwire feeds resume https://example.org/rss
    """
    from silkwire.cli.feeds.feed_list import find_name, open_feeds
    from silkwire.feeds.pause import resume_feed

    now = datetime.now(UTC)
    with open_feeds() as conn:
        resumed = sum(resume_feed(conn, find_name(conn, url), now=now) for url in urls)
    typer.echo(json.dumps({"resumed": resumed}) if is_json else f"Resumed {resumed}")
