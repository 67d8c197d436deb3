"""`silkwire demo`: the whole main job, offline, in a throw-away home."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import Connection

    from silkwire.config import Settings
    from silkwire.demo.findings import Edit, FeedAnswer, Kept, Totals
    from silkwire.demo.publisher import Publisher
    from silkwire.model import BatchReport

QUESTIONS = ("both_topics", "travel_directions", "feeds_in_trouble")
_SHOWN = 8
_SHOWN_OF_BOTH = 14
_GROUPS = (
    (("ai", "china_travel"), "AI and China travel at once"),
    (("ai",), "AI"),
    (("china_travel",), "China travel"),
)


def demo(
    is_kept: Annotated[
        bool, typer.Option("--keep", help="Keep the warehouse, and tell how to query it.")
    ] = False,
) -> None:
    """Do the whole main job here and now: no network, nothing left behind.

    Fourteen sample feeds are served on this machine and read twice into a warehouse of their own.
    Shown are: what was kept and the words that decided, what was quarantined and every reason,
    what the second reading changed, and three questions answered with SQL.

    \b
    Examples:
      silkwire demo
      silkwire demo --keep
      silkwire demo | less
    """
    import time
    from datetime import UTC, datetime

    from silkwire.cli.output.console import open_console
    from silkwire.demo.home import open_home
    from silkwire.demo.publisher import Publisher

    console, started = open_console(), time.perf_counter()
    with (
        open_home(is_kept=is_kept) as settings,
        Publisher(datetime.now(UTC)) as publisher,
    ):
        _run(settings, publisher, console)
        if is_kept:
            _tell_how_to_go_on(settings, console)
    seconds = time.perf_counter() - started
    left = "" if is_kept else " Nothing is left behind: --keep keeps the warehouse."
    console.print(f"\nDone in {seconds:.0f} s.{left}", style="bold")


def _run(settings: "Settings", publisher: "Publisher", console: "Console") -> None:
    from silkwire.cli.output.progress import RunProgress
    from silkwire.demo import findings
    from silkwire.demo.catalogue import FEEDS
    from silkwire.demo.home import open_warehouse

    console.print(f"{len(FEEDS)} sample feeds on {publisher.base_url}, no network", style="bold")
    publisher.write_opml(settings.home / "feeds.opml")
    with RunProgress(console) as progress:
        progress.start("warehouse")
        engine = open_warehouse(settings)
        progress.finish("a PostgreSQL of its own")
    try:
        first = _ingest(settings, console)
        with engine.connect() as connection:
            _show_kept(connection, console)
            before = findings.read_totals(connection)
            answers = findings.read_answers(connection, first.batch_id)
        publisher.advance()
        _rule(console, "The second reading, after the publishers went on")
        second = _ingest(settings, console)
        with engine.connect() as connection:
            again = findings.read_answers(connection, second.batch_id)
            _show_changes(answers, again, findings.read_edits(connection), console)
            _show_totals(before, findings.read_totals(connection), second, console)
            connection.rollback()  # each question has a transaction of its own
            _show_questions(connection, console)
    finally:
        engine.dispose()


def _ingest(settings: "Settings", console: "Console") -> "BatchReport":
    from silkwire.cli.output.progress import RunProgress
    from silkwire.pipeline import ingest

    opml = settings.home / "feeds.opml"
    with RunProgress(console) as progress:
        report = ingest(settings, feeds_opml=opml, ignore_due=True, progress=progress)
    console.print(_describe_report(report))
    return report


def _describe_report(report: "BatchReport") -> str:
    entries = report.entries
    return (
        f"\n  {entries.fetched} entries = {entries.accepted} accepted"
        f" + {entries.unchanged} unchanged + {entries.off_topic} off topic"
        f" + {entries.quarantined} quarantined"
    )


def _show_kept(connection: "Connection", console: "Console") -> None:
    from silkwire.cli.demo.drawing import draw_left_out, draw_quarantined
    from silkwire.cli.output.console import Indented
    from silkwire.demo import findings

    kept = findings.read_kept(connection)
    _rule(console, f"Kept: {len(kept)} articles, and the words that decided")
    for topics, name in _GROUPS:
        _show_group(name, [article for article in kept if article.topics == topics], console)
    _rule(console, "Left out: what came nearest to being kept")
    console.print(Indented(draw_left_out(findings.read_left_out(connection, _SHOWN))))
    records = findings.read_quarantined(connection)
    _rule(console, f"Quarantined: {len(records)} records, with every reason")
    for record in records:
        console.print(draw_quarantined(record))


def _show_group(name: str, articles: Sequence["Kept"], console: "Console") -> None:
    from silkwire.cli.demo.drawing import draw_kept

    is_plain = not console.is_terminal or console.no_color
    console.print(f"\n{name}: {len(articles)}\n", style="bold")
    shown = _SHOWN_OF_BOTH if articles and len(articles[0].topics) > 1 else _SHOWN
    for article in articles[:shown]:
        console.print(draw_kept(article, is_plain=is_plain))
    if len(articles) > shown:
        console.print(f"  … and {len(articles) - shown} more", style="dim")


def _show_changes(
    first: Sequence["FeedAnswer"],
    second: Sequence["FeedAnswer"],
    edits: Sequence["Edit"],
    console: "Console",
) -> None:
    from silkwire.cli.demo.drawing import draw_answers, draw_edit
    from silkwire.cli.output.console import Indented

    console.print()
    console.print(Indented(draw_answers(first, second)))
    _rule(console, "Edits: a new text of a known article is a revision, the old one stays")
    for edit in edits:
        console.print(draw_edit(edit))


def _show_totals(
    before: "Totals", after: "Totals", report: "BatchReport", console: "Console"
) -> None:
    from silkwire.cli.demo.drawing import draw_totals
    from silkwire.cli.output.console import Indented

    _rule(console, "Nothing doubled")
    console.print(Indented(draw_totals(before, after, report)))


def _show_questions(connection: "Connection", console: "Console") -> None:
    from rich.text import Text

    from silkwire.cli.output.console import Indented
    from silkwire.cli.output.tables import draw_answer
    from silkwire.warehouse.queries import find_query, run_query

    _rule(console, "Three questions, answered by sql/queries")
    for name in QUESTIONS:
        query = find_query(name)
        console.print(f"\n$ silkwire query {name}", style="dim")
        console.print(Indented(Text(f"{query.question}\n", "bold"), by=0))
        answer = draw_answer(run_query(connection, query), console.width - 2)
        console.print(Indented(answer))


def _tell_how_to_go_on(settings: "Settings", console: "Console") -> None:
    from silkwire.warehouse.embedded.folder import find_folder

    folder = find_folder(settings)
    folders = [settings.home, *([folder.path] if folder else [])]
    outside = [str(f) for f in folders if f == settings.home or settings.home not in f.parents]
    _rule(console, "Kept for you")
    for line in (
        f"export SILKWIRE_HOME={settings.home}",
        "silkwire query",
        "silkwire db psql",
        f"silkwire db stop; rm -r {' '.join(outside)}   # when you have seen enough",
    ):
        console.print(f"  {line}", soft_wrap=True)


def _rule(console: "Console", title: str) -> None:
    console.print()
    console.rule(title, align="left", style="dim")
