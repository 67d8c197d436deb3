"""`silkwire ingest`: the report that it prints, and a feed list that it refuses."""

import pytest
from sqlalchemy import Engine, text
from typer.testing import CliRunner

from helpers.desk import Desk
from silkwire.cli.app import app
from silkwire.cli.ingest import print_report
from silkwire.errors import ConfigError
from silkwire.model import ArticleCounts, BatchReport, EntryCounts, FeedCounts, HeldDocument


def test_report_of_a_held_batch_is_plain_text_and_names_the_next_command(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = BatchReport(
        "b-1",
        "held",
        feeds=FeedCounts(due=3, new=1, not_modified=1, failed=1, skipped=2),
        entries=EntryCounts(10, 4, 3, 2, 1),
        articles=ArticleCounts(3, 1, 0),
    )
    print_report(report)
    assert capsys.readouterr().out == (
        "Batch b-1: held\n"
        "  feeds      3 due: 1 new, 1 not modified, 0 unchanged, 1 failed (2 skipped)\n"
        "  entries    10 = 4 would be accepted + 3 unchanged + 2 off topic + 1 would be"
        " quarantined\n"
        "  articles   3 would be inserted, 1 would be revised, 0 would be added as variants\n"
        "  Held for review: nothing of this batch is loaded yet.\n"
        "  To decide: silkwire quarantine release b-1 (or reject)\n"
        "  To see the failed feeds: silkwire query feeds_in_trouble\n"
    )


def test_report_of_a_published_batch_names_its_held_documents(
    capsys: pytest.CaptureFixture[str],
) -> None:
    held = HeldDocument("https://a.example/[b]", "60 entries would be accepted")
    print_report(BatchReport("b-1", "published", held_documents=(held,)))
    assert capsys.readouterr().out.splitlines()[3:] == [
        "  articles   0 inserted, 0 revised, 0 variants",
        "  Held, its new entries are in quarantine: https://a.example/[b]",
        "    60 entries would be accepted",
        "    To decide: silkwire quarantine release --feed 'https://a.example/[b]' (or reject)",
    ]


def states(engine: Engine) -> list[tuple[str, int]]:
    with engine.connect() as conn:
        statement = "SELECT state, count(*) FROM ops.feed GROUP BY 1 ORDER BY 1"
        return [tuple(row) for row in conn.execute(text(statement))]


def test_a_list_emptied_by_mistake_is_refused_and_with_yes_it_pauses_until_it_is_right_again(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10):
        desk.list_feed(f"/{number}.xml")
    path = desk.folder / "feeds.opml"
    whole, empty = path.read_text(), "<opml version='2.0'><body></body></opml>"
    desk.run()
    engine = desk.ctx.engine
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(desk.folder))
    before = states(engine)
    path.write_text(empty)
    refused = CliRunner().invoke(app, ["ingest"])
    assert isinstance(refused.exception, ConfigError)
    assert str(refused.exception).startswith(f"{path}: 10 of the 10 feeds are no longer in the")
    assert states(engine) == before
    assert CliRunner().invoke(app, ["ingest", "--yes"]).exit_code == 0
    assert states(engine) == [("paused", 10)]
    path.write_text(whole)
    CliRunner().invoke(app, ["ingest"])
    assert states(engine) == before
