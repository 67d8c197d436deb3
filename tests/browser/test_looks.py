"""The pages as people see them: axe-core finds nothing serious, and pictures for docs/.

With PICTURES=1 the pictures in docs/ are made anew; else they go to a temporary folder.
"""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from helpers.newsfeeds import SCIENTISTS_LATER
from helpers.running_airflow import RunningAirflow

DESK, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}


def find_faults(page: Page) -> list[str]:
    """Rules of WCAG, and of axe's own, that are broken in a serious way."""
    found = Axe().run(page).response["violations"]
    return [
        f"{fault['id']}: {node['html'][:120]}"
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"]
    ]


def open_page(session: Page, browser: Browser, path: str, **options) -> Page:
    """A page of its own size and colours, logged in as `session` is."""
    state = session.context.storage_state()
    page = browser.new_context(storage_state=state, **options).new_page()
    page.goto(path)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_pages_are_accessible_and_fit(
    session: Page, browser: Browser, loaded: RunningAirflow, size: dict, scheme: str
) -> None:
    root = f"{loaded.greeted('URL')}/newsroom/"
    session.goto(root)
    session.evaluate("localStorage.removeItem('theme')")
    article = session.locator(".item", has_text=SCIENTISTS_LATER).locator(".open")
    paths = [root, f"{root}?day=2020-01-01", f"{root}?day=x", root + _path_of(article)]
    for path in paths:
        page = open_page(session, browser, path, viewport=size, color_scheme=scheme)
        assert find_faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= size["width"]
        page.context.close()


def _path_of(link) -> str:
    return link.get_attribute("href").removeprefix("/newsroom/")


def test_pictures_are_taken(
    session: Page, browser: Browser, loaded: RunningAirflow, pictures: Path
) -> None:
    url = loaded.greeted("URL")
    run = loaded.list_runs()[0]["dag_run_id"]
    session.goto(f"{url}/dags/ingest_feeds/runs/{run}")
    expect(session.get_by_text("load", exact=True).first).to_be_visible(timeout=30_000)
    session.wait_for_load_state("networkidle")
    session.wait_for_timeout(1_500)  # the graph is drawn with an animation
    session.screenshot(path=pictures / "airflow-ui.png")
    session.goto(f"{url}/plugin/newsroom")
    frame = session.frame_locator("iframe")
    expect(frame.locator(".item h3").first).to_be_visible()
    session.screenshot(path=pictures / "newsroom-today.png")
    frame.get_by_text(SCIENTISTS_LATER).click()
    expect(frame.locator("del").first).to_be_visible()
    session.screenshot(path=pictures / "newsroom-article.png")
    phone = open_page(session, browser, f"{url}/newsroom/", viewport=PHONE, color_scheme="dark")
    phone.screenshot(path=pictures / "newsroom-phone.png")
    phone.context.close()
