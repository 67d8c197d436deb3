"""Airflow's own pages: a run is watched, an article leads to its run, a batch is released."""

from pathlib import Path
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from helpers.feedserver import FeedServer
from helpers.heldfeeds import HOSTILE, let_hold, write_bad_feed
from helpers.newsfeeds import SCIENTISTS_LATER
from helpers.running_airflow import RunningAirflow, wait_for
from silkwire.config import Settings
from silkwire.pipeline import ingest

REVIEWS = "/api/v2/dags/review_quarantine/dagRuns"


def find_run(airflow: RunningAirflow) -> str | None:
    """The first scheduled run, once there is one."""
    runs = (run["dag_run_id"] for run in airflow.list_runs() if run["run_type"] == "scheduled")
    return next(runs, None)


@pytest.fixture(scope="module")
def held(loaded: RunningAirflow, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A batch that is held, and its review, asked a while ago: nobody answers within a second."""
    settings = let_hold(Settings(home=loaded.home, config_dir=loaded.folder / "config"))
    with FeedServer({"bad": write_bad_feed("bad")}) as feeds:
        opml = feeds.write_opml(tmp_path_factory.mktemp("held") / "bad.opml")
        batch_id = ingest(settings, feeds_opml=opml).batch_id
    loaded.request(
        REVIEWS, {"dag_run_id": batch_id, "logical_date": None, "conf": {"batch_id": batch_id}}
    )
    tasks = f"{REVIEWS}/{batch_id}/taskInstances/ask"
    wait_for(lambda: loaded.request(tasks)["state"] == "deferred" or None, 300)
    return batch_id


def test_a_scheduled_run_is_watched_until_it_succeeds(
    session: Page, airflow: RunningAirflow
) -> None:
    run = wait_for(lambda: find_run(airflow), 400)
    session.goto(f"{airflow.greeted('URL')}/dags/ingest_feeds/runs/{run}")
    expect(session.get_by_text("ask_for_review").first).to_be_visible()
    expect(session.get_by_text("Success", exact=True).first).to_be_visible(timeout=400_000)


def test_an_article_leads_to_the_run_and_the_log_that_brought_it(
    session: Page, loaded: RunningAirflow
) -> None:
    run = find_run(loaded)
    assert run
    task = f"/runs/{run}/tasks/fetch/mapped/0"
    # the headings that stay: names of tasks are drawn anew once Airflow knows what is mapped
    for name, place, heading in (
        ("run", f"/runs/{run}", run),
        ("log", task, "fetch [127.0.0.1]"),
    ):
        session.goto(f"{loaded.greeted('URL')}/newsroom/")
        session.get_by_text(SCIENTISTS_LATER).click()
        session.get_by_role("link", name=name, exact=True).first.click()
        assert unquote(session.url).endswith(f"/dags/ingest_feeds{place}")
        expect(session.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        expect(session.locator(f"a[href*='{task}']").first).to_be_visible()
    expect(session.get_by_text("new: 2")).to_be_visible()


def release(session: Page, airflow: RunningAirflow, batch_id: str) -> bool | None:
    """Click; again after a while, if Airflow asks again: it does after an answer that comes before
    its scheduler knows that the task waits."""
    asked = airflow.request(f"{REVIEWS}/{batch_id}/taskInstances/ask/-1/hitlDetails")
    if asked["task_instance"]["state"] == "deferred" and not asked["response_received"]:
        session.reload()
        session.get_by_role("button", name="Release").click()
    return airflow.request(f"{REVIEWS}/{batch_id}")["state"] == "success" or None


def test_a_held_batch_is_released_by_a_click_and_its_rows_appear(
    session: Page, loaded: RunningAirflow, held: str, pictures: Path
) -> None:
    session.goto(f"{loaded.greeted('URL')}/newsroom/")
    session.get_by_role("link", name="1 held batch").click()
    expect(session.get_by_text("Why it is held:")).to_be_visible()
    hostile = session.get_by_text(HOSTILE.strip())
    expect(hostile).to_be_visible()
    assert session.locator("a[href*='evil.example']").count() == 0
    session.screenshot(path=pictures / "held-batch.png")
    wait_for(lambda: release(session, loaded, held), 300)
    session.goto(f"{loaded.greeted('URL')}/newsroom/?batch={held}")
    expect(session.get_by_role("heading", name="OpenAI hires")).to_be_visible()
    expect(session.get_by_role("heading", name=HOSTILE.strip())).to_be_visible()
