"""`silkwire up` with two feeds on loopback, and a real browser logged in to it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from helpers.feedserver import FeedServer
from helpers.newsfeeds import FIRST, LATER
from helpers.places import ROOT
from helpers.running_airflow import RunningAirflow
from silkwire.config import Settings
from silkwire.warehouse.embedded.server import remove_server

# What is waited for comes, however busy the machine is.
expect.set_options(timeout=120_000)


class NewsFeeds(FeedServer):
    """Its two feeds belong to two papers; they are read every ten minutes."""

    def write_opml(self, file: Path, attributes: str = "") -> Path:
        outlines = "".join(
            f"<outline type='rss' text='{name}' outlet='The {name.title()} Paper' poll='10m'"
            f" xmlUrl='{self.url(name)}' {attributes}/>"
            for name in self.documents
        )
        file.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", "utf-8")
        return file


@pytest.fixture(scope="session")
def feeds() -> Iterator[FeedServer]:
    with NewsFeeds(FIRST) as running:
        yield running


@pytest.fixture(scope="session")
def airflow(
    feeds: FeedServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningAirflow]:
    folder = tmp_path_factory.mktemp("newsroom")
    try:
        with RunningAirflow(folder, feeds) as running:
            yield running
    finally:
        remove_server(Settings(home=folder / "home"))


@pytest.fixture(scope="session")
def loaded(airflow: RunningAirflow, feeds: FeedServer) -> RunningAirflow:
    """A scheduled run, then an edit and a run by hand."""
    run = airflow.wait_for_run()
    assert run["state"] == "success", airflow.read_logs(run["dag_run_id"])
    feeds.documents |= LATER
    airflow.ingest_all()
    return airflow


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    assert path, "there is no Chromium: apt-get install chromium fonts-noto-cjk"
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=path, args=[*options, "--disable-background-networking"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def session(browser: Browser, airflow: RunningAirflow) -> Iterator[Page]:
    """Logged in once, as a person would."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.goto(airflow.greeted("URL"))
    page.locator("input[name=username]").fill(airflow.greeted("user"))
    page.locator("input[name=password]").fill(airflow.greeted("password"))
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{airflow.greeted('URL')}/")
    yield page
    page.close()


@pytest.fixture(scope="session")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures go: into docs/ with PICTURES=1."""
    if os.environ.get("PICTURES"):
        return ROOT / "docs"
    return tmp_path_factory.mktemp("pictures")
