"""The page on which a reviewer decides, and that an answer takes effect once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from helpers.heldfeeds import let_hold, write_bad_feed
from silkwire.airflow import review_tasks
from silkwire.config import Settings
from silkwire.errors import BatchError
from silkwire.pipeline import ingest, open_context
from silkwire.pipeline.held.page import quote
from silkwire.pipeline.held.release_reject import reject_batch
from silkwire.pipeline.upkeep.task_log import escape_line


def answer(option: str, name: str | None = "ann") -> dict[str, Any]:
    """An answer as Airflow passes it; without a name if the decision was made outside Airflow."""
    return {"chosen_options": [option], "responded_by_user": name and {"id": "1", "name": name}}


@pytest.fixture
def settings(warehouse_settings: Settings) -> Settings:
    return let_hold(warehouse_settings)


@pytest.fixture
def batch_id(settings: Settings, tmp_path: Path) -> Iterator[str]:
    with FeedServer({"feed": write_bad_feed("o")}) as server:
        report = ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
        assert report.verdict == "held"
        yield report.batch_id


def read_batch(engine: Engine) -> tuple[Any, ...]:
    with engine.begin() as conn:
        return tuple(conn.execute(text("SELECT verdict, reviewer FROM ops.batch")).one())


def count_articles(engine: Engine) -> int:
    with engine.begin() as conn:
        return int(conn.execute(text("SELECT count(*) FROM mart.articles")).scalar_one())


def test_the_page_says_why_the_batch_is_held_and_shows_texts_literally(batch_id: str) -> None:
    page = review_tasks.describe_held_batch(batch_id)
    assert page.startswith(
        "**Why it is held:** 9 of 11 entries are quarantined; counted by feed these are 82%,"
        " more than the 50% of SILKWIRE_HOLD_QUARANTINED_SHARE.\n\n"
        "Of 11 entries, 2 would be loaded, 0 are known, 0 are off topic and 9 are for the"
        " quarantine.\n"
    )
    assert "\n- `entry.has_title` fails for 9 of 11\n" in page
    assert "\n- `batch.quarantined_share_is_bearable` fails for 9 of 11\n" in page
    [untitled] = [line for line in page.splitlines() if "https://o.example/0 `" in line]
    assert untitled.startswith("- #0 (no title), ` http://127.0.0.1:")
    assert untitled.endswith("/feed `, ` https://o.example/0 `; fails: the entry has a title")
    assert page.splitlines()[-1].startswith("- #10 ` OpenAI hires `, ")
    hostile = (
        "`<img src=x onerror=alert(1)>` [AI](https://evil.example) www.evil.example {{ 7 * 7 }}"
    )
    assert f"- #9 `` {hostile} ``, " in page
    shown = MarkdownIt("commonmark").render(page)
    assert "<img" not in shown
    assert "<a" not in shown


@given(st.text(alphabet=st.sampled_from("`` \\ab<&*[]()_|\n\t\u2028"), min_size=1, max_size=40))
def test_a_quoted_text_is_shown_literally(words: str) -> None:
    [paragraph] = [
        token for token in MarkdownIt("commonmark").parse(quote(words)) if token.type == "inline"
    ]
    [span] = paragraph.children or []
    assert span.type == "code_inline"
    assert span.content.strip() == escape_line(" ".join(words.split()))


def test_a_long_title_is_cut() -> None:
    assert quote("x" * 301) == "` " + "x" * 300 + "… `"


def test_an_answer_takes_effect_once_and_is_kept_with_its_reviewer(
    batch_id: str, warehouse: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    report = review_tasks.settle_batch(batch_id, answer("Release"))
    assert (report["verdict"], report["reviewer"]) == ("released", "ann")
    assert count_articles(warehouse) == 2
    with caplog.at_level("INFO"):
        assert review_tasks.settle_batch(batch_id, answer("Reject", "bob")) == report
    assert read_batch(warehouse) == ("released", "ann")
    when = report["decided_at"][:16].replace("T", " ")
    assert caplog.messages[-1] == (
        f"batch {batch_id} was released by ann on {when} UTC: the answer Reject changes nothing."
    )


def test_a_decision_made_elsewhere_ends_the_wait(
    settings: Settings, batch_id: str, warehouse: Engine
) -> None:
    assert review_tasks.find_held_batches() == [batch_id]
    assert review_tasks.find_answer(batch_id) is None
    with pytest.raises(BatchError, match="nobody has decided on batch"):
        review_tasks.settle_batch(batch_id, answer("Reject", None))
    with open_context(settings) as ctx:
        reject_batch(ctx, batch_id, reviewer="bob")
    assert review_tasks.find_held_batches() == []
    found = review_tasks.find_answer(batch_id)
    assert found is not None
    assert (found["chosen_options"], found["responded_by_user"]) == (["Reject"], None)
    report = review_tasks.settle_batch(batch_id, found)
    assert (report["verdict"], report["reviewer"]) == ("rejected", "bob")
    assert count_articles(warehouse) == 0


def test_a_release_that_fails_leaves_the_batch_held(
    settings: Settings, batch_id: str, warehouse: Engine
) -> None:
    with open_context(settings) as ctx:
        ctx.folder(batch_id).remove()
    with pytest.raises(BatchError, match="is missing"):
        review_tasks.settle_batch(batch_id, answer("Release"))
    assert read_batch(warehouse) == ("held", None)


def test_a_batch_that_was_not_held_has_no_answer(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(BatchError, match="there is no batch b1"):
        review_tasks.find_answer("b1")
    good = b"<rss version='2.0'><channel><title>t</title></channel></rss>"
    with FeedServer({"feed": good}) as server:
        report = ingest(settings, feeds_opml=server.write_opml(tmp_path / "f.opml"))
    with pytest.raises(BatchError, match="is published, and was never held"):
        review_tasks.find_answer(report.batch_id)
