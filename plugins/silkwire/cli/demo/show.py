"""Run the demo's two batches and show what each of them did."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text
from sqlalchemy import Connection

from silkwire.cli.demo.drawing import (
    draw_answers,
    draw_edit,
    draw_kept,
    draw_left_out,
    draw_quarantined,
    draw_totals,
)
from silkwire.cli.output.console import Indented
from silkwire.cli.output.counts import describe_sum
from silkwire.cli.output.progress import RunProgress
from silkwire.cli.output.tables import draw_answer
from silkwire.config import Settings
from silkwire.demo import findings
from silkwire.demo.catalogue import FEEDS
from silkwire.demo.home import open_warehouse
from silkwire.demo.publisher import Publisher
from silkwire.model import BatchReport
from silkwire.pipeline import ingest
from silkwire.warehouse.embedded.folder import find_folder
from silkwire.warehouse.queries import find_query, run_query

QUESTIONS = ("both_topics", "travel_directions", "feeds_in_trouble")
_SHOWN = 8
_SHOWN_OF_BOTH = 14
_GROUPS = (
    (("ai", "china_travel"), "AI and China travel at once"),
    (("ai",), "AI"),
    (("china_travel",), "China travel"),
)


def show_two_readings(settings: Settings, publisher: Publisher, console: Console) -> None:
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
        publisher.advance()
        _rule(console, "The second reading, after some feeds have changed")
        second = _ingest(settings, console)
        with engine.connect() as connection:
            _show_changes(connection, first, second, console)
            _rule(console, "Nothing is stored twice")
            console.print(Indented(draw_totals(before, findings.read_totals(connection), second)))
            connection.rollback()  # run_query begins its own transaction
            _show_questions(connection, console)
    finally:
        engine.dispose()


def _ingest(settings: Settings, console: Console) -> BatchReport:
    opml = settings.home / "feeds.opml"
    with RunProgress(console) as progress:
        report = ingest(settings, feeds_opml=opml, ignore_due=True, progress=progress)
    console.print(f"\n  {report.entries.fetched} entries = {describe_sum(report.entries)}")
    return report


def _show_kept(connection: Connection, console: Console) -> None:
    kept = findings.read_kept(connection)
    _rule(console, f"Kept: {len(kept)} articles, and the words that decided")
    for topics, name in _GROUPS:
        _show_group(name, [article for article in kept if article.topics == topics], console)
    _rule(console, "Left out: the off-topic entries with the highest scores")
    console.print(Indented(draw_left_out(findings.read_left_out(connection, _SHOWN))))
    records = findings.read_quarantined(connection)
    _rule(console, f"Quarantined: {len(records)} records, with every reason")
    for record in records:
        console.print(draw_quarantined(record))


def _show_group(name: str, articles: Sequence[findings.Kept], console: Console) -> None:
    is_plain = not console.is_terminal or console.no_color
    console.print(f"\n{name}: {len(articles)}\n", style="bold")
    shown = _SHOWN_OF_BOTH if articles and len(articles[0].topics) > 1 else _SHOWN
    for article in articles[:shown]:
        console.print(draw_kept(article, is_plain=is_plain))
    if len(articles) > shown:
        console.print(f"  … and {len(articles) - shown} more", style="dim")


def _show_changes(
    connection: Connection, first: BatchReport, second: BatchReport, console: Console
) -> None:
    answers = [findings.read_answers(connection, batch.batch_id) for batch in (first, second)]
    console.print()
    console.print(Indented(draw_answers(*answers)))
    _rule(console, "Edits: a new text of a known article is a revision, the old one stays")
    for edit in findings.read_edits(connection):
        console.print(draw_edit(edit))


def _show_questions(connection: Connection, console: Console) -> None:
    _rule(console, "Three questions, answered by sql/queries")
    for name in QUESTIONS:
        query = find_query(name)
        console.print(f"\n$ silkwire query {name}", style="dim")
        console.print(Indented(Text(f"{query.question}\n", "bold"), by=0))
        console.print(Indented(draw_answer(run_query(connection, query), console.width - 2)))


def explain_kept_home(settings: Settings, console: Console) -> None:
    """Print how to query the demo's warehouse, and how to remove it."""
    folder = find_folder(settings)
    folders = [settings.home, *([folder.path] if folder else [])]
    outside = [str(f) for f in folders if f == settings.home or settings.home not in f.parents]
    _rule(console, "How to use the warehouse that was kept")
    for line in (
        f"export SILKWIRE_HOME={settings.home}",
        "silkwire query",
        "silkwire db psql",
        f"silkwire db stop; rm -r {' '.join(outside)}   # to remove all of it",
    ):
        console.print(f"  {line}", soft_wrap=True)


def _rule(console: Console, title: str) -> None:
    console.print()
    console.rule(title, align="left", style="dim")
