"""What `silkwire demo` prints: the drawing of each part, and the whole of it once."""

import io
import os
import re
import subprocess
import sys

import pytest
from rich.console import Console

from helpers.places import ROOT
from silkwire.cli.demo.drawing import (
    cut_snippet,
    draw_answers,
    draw_edit,
    draw_kept,
    draw_left_out,
    draw_quarantined,
    draw_totals,
    mark_spans,
)
from silkwire.cli.output.console import Indented
from silkwire.demo.findings import (
    Edit,
    Failure,
    FeedAnswer,
    Kept,
    LeftOut,
    Match,
    Quarantined,
    Span,
    Totals,
)
from silkwire.model import ArticleCounts, BatchReport, EntryCounts

README = ROOT / "README.md"
KEPT = Kept(
    outlet="The Post",
    title="China tells its AI leaders to stay",
    summary="They may not fly to America.",
    matches=(Match("ai", 0.93), Match("china_travel", 0.8, "outbound")),
    spans=(
        Span("ai", "title", 16, 18, "AI"),
        Span("china_travel", "summary", 13, 27, "fly to America"),
    ),
)


def draw(renderable, width=60):
    console = Console(width=width, file=io.StringIO(), highlight=False, markup=False)
    console.print(renderable)
    return console.file.getvalue()


def draw_in_colour(renderable):
    console = Console(width=60, file=io.StringIO(), force_terminal=True, color_system="standard")
    console.print(renderable)
    return console.file.getvalue()


def test_kept_article_shows_its_words_where_they_stand():
    assert draw(draw_kept(KEPT, is_plain=True)) == (
        "  China tells its «AI» leaders to stay\n"
        "    They may not «fly to America».\n"
        "    The Post  ai 0.93  china_travel 0.80 outbound\n"
    )


def test_kept_article_shows_its_words_in_colour_on_a_terminal():
    shown = draw_in_colour(draw_kept(KEPT, is_plain=False))
    assert "\x1b[1;36mAI\x1b[0m" in shown
    assert "\x1b[1;33mfly to America\x1b[0m" in shown
    assert "«" not in shown


def test_summary_is_left_out_where_the_title_decided():
    kept = Kept(
        "The Post",
        "AI",
        "AI too",
        (Match("ai", 1.0),),
        (
            Span("ai", "title", 0, 2, "AI"),
            Span("ai", "summary", 0, 2, "AI"),
        ),
    )
    assert draw(draw_kept(kept, is_plain=True)) == "  «AI»\n    The Post  ai 1.00\n"


def test_dedicated_feed_is_named_as_the_reason():
    kept = Kept("Model Weekly", "Letters", None, (Match("ai", 0.0, is_dedicated=True),))
    assert draw(draw_kept(kept, is_plain=True)) == (
        "  Letters\n    Model Weekly  ai dedicated feed\n"
    )


def test_spans_that_touch_or_overlap_are_marked_once():
    spans = [
        Span("a", "t", 0, 2, "五一"),
        Span("b", "t", 1, 4, "一假期"),
        Span("a", "t", 4, 5, "出"),
    ]
    assert mark_spans("五一假期出入", spans, is_plain=True).plain == "«五一假期出»入"


def test_span_of_another_text_is_not_marked():
    spans = [Span("ai", "title", 0, 2, "AI")]
    assert mark_spans("an edited title", spans, is_plain=True).plain == "an edited title"


def test_publishers_markup_and_controls_are_shown_not_obeyed():
    assert mark_spans("[b]\x1b[31mAI\x07", [], is_plain=True).plain == "[b]�[31mAI�"


def test_long_summary_is_cut_around_the_words_that_decided():
    text = "x" * 200 + " visa-free " + "y" * 200
    snippet, (span,) = cut_snippet(text, [Span("t", "summary", 201, 210, "visa-free")], 60)
    assert len(snippet) == 62
    assert (snippet[0], snippet[-1]) == ("…", "…")
    assert snippet[span.start : span.end] == "visa-free"


def test_short_summary_is_not_cut():
    assert cut_snippet("short", []) == ("short", [])


def test_quarantined_record_shows_every_reason():
    record = Quarantined(
        "The Gazette",
        None,
        "https://gazette.example/1",
        1,
        (
            Failure("title", None, "the entry has a title"),
            Failure("published_at", "0001-01-01", "the date is not before 1990"),
        ),
    )
    assert draw(draw_quarantined(record)) == (
        "  https://gazette.example/1  The Gazette\n"
        "    ✗ title  expected: the entry has a title\n"
        "    ✗ published_at  expected: the date is not before 1990\n"
        "      found: 0001-01-01\n"
    )


def test_feeds_are_shown_with_both_answers():
    first = [
        FeedAnswer("A", "new", 200, None, 3),
        FeedAnswer("B", "failed", 500, "server_error", 0),
    ]
    second = [FeedAnswer("A", "not_modified", 304, None, 0)]
    assert draw(Indented(draw_answers(first, second), by=0)) == (
        "feed   entries   cycle 1            cycle 2\n"
        "────────────────────────────────────────────────────\n"
        "A            3   200 new            304 not modified\n"
        "B                500 server error   not fetched\n"
    )


def test_edit_is_shown_before_and_after():
    edit = Edit("The Post", "headline", "China warns AI staff", "China advises AI staff")
    assert draw(draw_edit(edit)) == (
        "  The Post edited its headline\n    - China warns AI staff\n    + China advises AI staff\n"
    )


def test_words_that_changed_stand_out_in_an_edit():
    shown = draw_in_colour(
        draw_edit(Edit("P", "headline", "China warns staff", "China 警告 staff"))
    )
    assert "\x1b[1;31mwarns\x1b[0m" in shown
    assert "\x1b[1;32m警告\x1b[0m" in shown


def test_totals_say_that_nothing_doubled():
    report = BatchReport(
        "b", "published", entries=EntryCounts(67, 4, 26, 32, 5), articles=ArticleCounts(1, 2, 1)
    )
    shown = draw(draw_totals(Totals(82, 6), Totals(83, 6), report), width=200)
    assert shown.splitlines()[0].rstrip() == ("· 82 articles + 1 new = 83; the warehouse holds 83")


def test_left_out_entries_are_listed_with_their_scores():
    shown = draw(draw_left_out([LeftOut("Zoo News", "Llamas [b]stroll[/b]", 0.328)]))
    assert re.search(r"0\.33 +Zoo News +Llamas \[b\]stroll\[/b\]", shown)


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_line_is_longer_than_the_console_or_ends_in_blanks(width):
    shown = draw(draw_kept(KEPT, is_plain=True), width) + draw(Indented("中文 " * 60), width)
    lines = shown.splitlines()
    assert all(len(line) <= width for line in lines)
    assert [line for line in lines if line != line.rstrip()] == []


@pytest.fixture(scope="module")
def whole_demo(tmp_path_factory, session_home):
    """One run of the command, as from a pipe; its temporary folder, to see what it leaves."""
    folder = tmp_path_factory.mktemp("demo")
    environment = os.environ | {
        "TMPDIR": str(folder),
        "SILKWIRE_SERVER_DIR": str(session_home / "demo"),
        "PYTHONIOENCODING": "utf-8",
    }
    done = subprocess.run(
        [sys.executable, "-m", "silkwire", "demo"],
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, folder


def test_demo_keeps_the_founding_story_for_both_topics(whole_demo):
    both = whole_demo[0].split("AI and China travel at once: ")[1].split("\nAI: ")[0]
    story = both.split("  The Meridian Post  ")
    assert "«AI»" in story[0].splitlines()[-2]
    assert re.match(r"ai [01]\.\d\d  china_travel [01]\.\d\d outbound\n", story[1])


def test_readme_shows_what_the_demo_prints(whole_demo):
    sample = README.read_text("utf-8").split("```text\n")[1].split("```")[0]
    rest = whole_demo[0]
    for piece in sample.split("…\n"):
        assert piece.strip("\n") in rest
        rest = rest.partition(piece.strip("\n"))[2]


def test_demo_counts_add_up(whole_demo):
    sums = re.findall(
        r"(\d+) entries = (\d+) accepted \+ (\d+) unchanged \+ (\d+) off topic \+ (\d+) quarant",
        whole_demo[0],
    )
    first, second = ([int(number) for number in found] for found in sums)
    assert first[0] == 155 == sum(first[1:])
    assert second[0] == sum(second[1:])


def test_demo_quarantines_with_reasons(whole_demo):
    records = whole_demo[0].split("Quarantined: ")[1].split("The second reading")[0]
    for title in ("year one", "year 9999", "AI tutors arrive", "quirk.example/no-title"):
        assert title in records
    assert records.count("expected: ") >= 6


def test_demo_shows_what_the_second_reading_changed(whole_demo):
    second = whole_demo[0].split("The second reading")[1]
    assert second.count("304 not modified") == 6
    assert second.count("200 unchanged body") == 1
    assert "- Beijing is steering AI founders away from American trips" in second
    assert "+ Guidance, not a ban: Beijing steers AI founders away from American" in second


def test_demo_doubles_nothing(whole_demo):
    match = re.search(
        r"(\d+) articles \+ (\d+) new = (\d+); the warehouse holds (\d+)", whole_demo[0]
    )
    before, new, expected, held = map(int, match.groups())
    assert before + new == expected == held


def test_demo_answers_three_questions(whole_demo):
    assert re.findall(r"\$ silkwire query (\w+)", whole_demo[0]) == [
        "both_topics",
        "travel_directions",
        "feeds_in_trouble",
    ]


def test_demo_prints_no_escape_sequence_into_a_pipe(whole_demo):
    assert "\x1b" not in whole_demo[0]


def test_demo_leaves_nothing_behind(whole_demo, session_home):
    assert list(whole_demo[1].iterdir()) == []
    assert list((session_home / "demo").glob("*/data")) == []
