"""Make `docs/airflow-ui.png`: Airflow as `silkwire up` runs it, with the demo's feeds.

    uv run --group browser tests/browser/screenshot.py [FILE]

It needs a Chromium: `apt-get install chromium fonts-noto-cjk`, or CHROMIUM with the path of one.
Everything runs in a throw-away home and is stopped in the end.
"""

import os
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

TESTS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

from running_airflow import RunningAirflow  # noqa: E402
from silkwire.config import Settings  # noqa: E402
from silkwire.demo.publisher import Publisher  # noqa: E402
from silkwire.warehouse.server import remove_server  # noqa: E402

TARGET = TESTS.parent / "docs" / "airflow-ui.png"
SIZE = {"width": 1440, "height": 860}


def main(target: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="silkwire-screenshot-"))
    try:
        with (
            Publisher(datetime.now(UTC)) as publisher,
            RunningAirflow(folder, publisher) as airflow,
            sync_playwright() as playwright,
        ):
            run = airflow.wait_for_run()
            browser = playwright.chromium.launch(
                executable_path=os.environ.get("CHROMIUM") or shutil.which("chromium"),
                args=["--no-sandbox"] if os.geteuid() == 0 else [],
            )
            page = log_in(browser, airflow)
            page.goto(f"{airflow.greeted('URL')}/dags/ingest_feeds/runs/{run['dag_run_id']}")
            show_run(page)
            page.screenshot(path=target)
    finally:
        remove_server(Settings(home=folder / "home"))
        shutil.rmtree(folder)


def log_in(browser: Browser, airflow: RunningAirflow) -> Page:
    page = browser.new_page(viewport=SIZE, device_scale_factor=1)
    page.goto(airflow.greeted("URL"))
    page.locator("input[name=username]").fill(airflow.greeted("user"))
    page.locator("input[name=password]").fill(airflow.greeted("password"))
    page.locator("button[type=submit]").click()
    page.wait_for_url(f"{airflow.greeted('URL')}/")
    return page


def show_run(page: Page) -> None:
    expect(page.get_by_text("load", exact=True).first).to_be_visible(timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)  # the graph is drawn with an animation


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
