"""One decision on many records, and how records without a title are listed."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import typer
from sqlalchemy import Engine
from sqlalchemy import text as sql

from helpers.loading import Newsroom, entry
from silkwire.cli.app import app
from silkwire.config import Settings
from silkwire.errors import BatchError

Run = Callable[..., str]
UNTITLE = """
UPDATE ops.quarantine
SET title = NULL, payload = convert_to(
    replace(convert_from(payload, 'UTF8'), '"title": "bad AI"', '"title": null'), 'UTF8'
)
"""
GOOD = "bad AI: OpenAI releases a new artificial intelligence model"


@pytest.fixture
def newsroom(warehouse: Engine, warehouse_settings: Settings) -> Newsroom:
    del warehouse_settings
    return Newsroom(warehouse)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def run_command(*arguments: str) -> str:
        app(["quarantine", *arguments], standalone_mode=False)
        return capsys.readouterr().out

    return run_command


def fill(newsroom: Newsroom) -> None:
    """Three records of feed a, one of them on no topic by the rules, and one of feed b."""
    a, b = newsroom.add_feed("a"), newsroom.add_feed("b")
    newsroom.load(
        (
            a,
            [
                entry(f"{GOOD} 1", "https://o.example/1"),
                entry(f"{GOOD} [bold]2[/bold]", "https://o.example/2"),
                entry("bad PAID: sponsored cakes", "https://o.example/3"),
            ],
        ),
        (b, [entry(f"{GOOD} 4", "https://o.example/4")]),
    )


def statuses(newsroom: Newsroom) -> list[str]:
    return [
        status
        for (status,) in newsroom.query("SELECT status FROM ops.quarantine ORDER BY quarantine_key")
    ]


def test_preview_shows_what_a_decision_touches_and_decides_nothing(
    newsroom: Newsroom, run: Run
) -> None:
    fill(newsroom)
    shown = run("release", "--feed", "https://a.example/feed", "--preview")
    assert "3 open records to release, of 1 feed\n" in shown
    assert "  fails        3  title_is_good\n" in shown
    assert "  feed         3  https://a.example/feed\n" in shown
    assert "  topic        2  ai\n" in shown
    assert "  topic        1  none: a release adds no article\n" in shown
    assert "[bold]2[/bold]" in shown
    assert statuses(newsroom) == ["open"] * 4
    preview = json.loads(run("reject", "--reason", "title_is_good", "--preview", "--json"))
    assert (preview["record_count"], preview["reasons"]) == (4, {"title_is_good": 4})


def test_records_of_a_filter_are_decided_on_with_yes_alone(newsroom: Newsroom, run: Run) -> None:
    fill(newsroom)
    chosen = ("--feed", "https://a.example/feed", "--where-title-has", "SPONSORED")
    assert app(["quarantine", "reject", *chosen], standalone_mode=False) == 2
    assert statuses(newsroom) == ["open"] * 4
    run("list")
    assert run("reject", *chosen, "--yes") == "1 rejected\n"
    assert run("release", "--reason", "title_is_good", "--yes", "--reviewer", "ann") == (
        "3 released: a new article\n"
    )
    assert statuses(newsroom) == ["released", "released", "rejected", "released"]
    assert newsroom.query(
        "SELECT verdict, accepted_count FROM ops.batch WHERE reviewer = 'ann'"
    ) == [("released", 3)]


def test_records_are_chosen_by_the_answer_of_a_query(
    newsroom: Newsroom, run: Run, tmp_path: Path
) -> None:
    fill(newsroom)
    keys = [key for (key,) in newsroom.query("SELECT quarantine_key FROM ops.quarantine")]
    file = tmp_path / "keys.csv"
    file.write_text(f"quarantine_key,title\r\n{keys[0]},x\r\n{keys[3]},y\r\n")
    assert run("reject", "--keys", str(file), "--yes") == "2 rejected\n"
    assert statuses(newsroom) == ["rejected", "open", "open", "rejected"]
    assert "1 open record to reject" in run("reject", str(keys[1]), "--preview")


@pytest.mark.parametrize(
    "arguments", [[], ["--yes"], ["--reason", " ", "--yes"], ["--feed", "", "--yes"]]
)
def test_an_empty_filter_is_refused(newsroom: Newsroom, run: Run, arguments: list[str]) -> None:
    fill(newsroom)
    with pytest.raises(typer.BadParameter, match="say which records"):
        run("release", *arguments)
    assert statuses(newsroom) == ["open"] * 4


def test_numbers_and_a_filter_together_are_refused(newsroom: Newsroom, run: Run) -> None:
    fill(newsroom)
    with pytest.raises(typer.BadParameter, match="say which records"):
        run("release", "1", "--reason", "title_is_good", "--yes")


def test_filter_that_finds_nothing_names_what_there_is(newsroom: Newsroom, run: Run) -> None:
    fill(newsroom)
    with pytest.raises(BatchError, match=r"open records fail title_is_good \(4\); they are of"):
        run("release", "--reason", "has_titel", "--yes")


def test_preview_shows_the_words_of_records_that_cannot_be_released(
    newsroom: Newsroom, run: Run
) -> None:
    newsroom.load((newsroom.add_feed("a"), [entry("AI without an address", None)]))
    shown = run("release", "--feed", "https://a.example/feed", "--preview")
    assert "1  cannot be released, only rejected\n" in shown
    assert "(neither title nor text)" not in shown
    assert "AI without an address\n" in shown


def test_list_shows_text_and_topics_of_a_record_without_a_title(
    newsroom: Newsroom, run: Run
) -> None:
    feed = newsroom.add_feed("a")
    text = "OpenAI [bold]opens[/bold]\na laboratory for artificial intelligence"
    newsroom.load((feed, [entry("bad AI", guid="1", summary=text)]))
    with newsroom.engine.begin() as conn:
        conn.execute(sql(UNTITLE))
    (key,) = newsroom.query("SELECT quarantine_key FROM ops.quarantine")[0]
    assert run("list").startswith(
        f"#{key} (no title) OpenAI [bold]opens[/bold] a laboratory for artificial intelligence [ai]"
    )
    (record,) = json.loads(run("list", "--json"))["records"]
    assert record["topics"] == ["ai"]
