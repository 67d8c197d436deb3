"""The text of a batch's report, as `ingest` and `quarantine release` print it."""

import pytest

from silkwire.cli.ingest import print_report
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
