"""Data Docs: what the pages show, how many there are, and who may read them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from silkwire.config import Settings
from silkwire.model import ExpectationResult
from silkwire.newsroom.datadocs import create_data_docs
from silkwire.pipeline import open_context
from silkwire.pipeline.upkeep.data_docs import KEPT_RUNS, BuiltDocs, build_docs
from silkwire.warehouse.tables.results import save_results
from silkwire.warehouse.tables.runs import read_runs

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
GOOD = ExpectationResult("entry", "url_is_a_web_address", "url", True, 1_000, 0)
BAD = ExpectationResult("entry", "has_title", "title", False, 1_000, 3)
FOREIGN = re.compile(r"""<script|<link|<img|(?:src|href)=["'](?:https?:)?//|@import|url\(""")


def save(engine: Engine, run_id: str, *results: ExpectationResult, at: datetime = NOW) -> None:
    with engine.begin() as conn:
        save_results(conn, run_id, results, now=at)


def build(settings: Settings, now: datetime = NOW) -> tuple[BuiltDocs, Path]:
    with open_context(settings, now=lambda: now) as ctx:
        built = build_docs(ctx)
    return built, Path(built.index).parent


@pytest.fixture
def client(warehouse_settings: Settings) -> Iterator[TestClient]:
    app = FastAPI()
    app.mount("/data-docs", create_data_docs(lambda: warehouse_settings))
    with TestClient(app, follow_redirects=False) as running:
        yield running


def test_the_index_names_failures_and_links_to_the_run(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    save(warehouse, "20261123T080000Z-aaaaaaaa", GOOD, BAD)
    built, folder = build(warehouse_settings)
    index = Path(built.index).read_text("utf-8")
    assert "the entry has a title: not so for 3 of 1,000 (0.30%)" in index
    [page] = re.findall(r'href="(validations/[^"]+)"', index)
    shown = (folder / page).read_text("utf-8")
    assert "3 of 1,000 (0.30%)" in shown
    assert "none of 1,000" in shown


def test_nothing_on_a_page_is_loaded_or_run(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    save(warehouse, "b", GOOD, BAD)
    built, folder = build(warehouse_settings)
    pages = sorted(folder.rglob("*.html"))
    assert len(pages) == built.page_count == 5
    for page in pages:
        text = page.read_text("utf-8")
        assert FOREIGN.search(text) is None, page
        assert "Content-Security-Policy" in text
    assert {path.suffix for path in folder.rglob("*") if path.is_file()} == {".html"}


def test_every_link_of_every_page_leads_to_a_page(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    save(warehouse, "b", GOOD, BAD)
    _, folder = build(warehouse_settings)
    for page in folder.rglob("*.html"):
        for link in re.findall(r'href="([^"#]+)', page.read_text("utf-8")):
            assert (page.parent / link).resolve().is_file(), (page, link)


def test_every_expectation_is_described_with_its_reason(warehouse_settings: Settings) -> None:
    _, folder = build(warehouse_settings)
    text = (folder / "expectations" / "entry.html").read_text("utf-8")
    assert "The entry has a title" in text
    assert "under the name has_title" in text


def test_the_oldest_runs_are_removed_and_leave_no_empty_folder(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    for number in range(KEPT_RUNS):
        save(warehouse, f"run-{number:02}", GOOD, at=NOW + timedelta(minutes=number))
    before, folder = build(warehouse_settings, NOW + timedelta(hours=1))
    save(warehouse, "run-new", GOOD, at=NOW + timedelta(hours=1))
    after, _ = build(warehouse_settings, NOW + timedelta(hours=2))
    assert before.run_count == after.run_count == KEPT_RUNS
    assert before.page_count == after.page_count
    runs = sorted(path.name for path in (folder / "validations" / "entry").iterdir())
    assert runs == ["run-01", *(f"run-{n:02}" for n in range(2, KEPT_RUNS)), "run-new"]


def test_results_of_a_removed_expectation_are_left_out(
    warehouse: Engine, warehouse_settings: Settings
) -> None:
    save(warehouse, "b", GOOD, replace(BAD, expectation="given_up"))
    built, _ = build(warehouse_settings)
    assert "given_up" not in Path(built.index).read_text("utf-8")


def test_a_run_from_more_than_a_month_ago_is_not_read(warehouse: Engine) -> None:
    save(warehouse, "old", GOOD, at=NOW - timedelta(days=31))
    save(warehouse, "new", GOOD)
    with warehouse.begin() as conn:
        [run] = read_runs(conn, limit=10, now=NOW)
    assert run == ("new", "entry", NOW, (GOOD,))


@pytest.mark.usefixtures("warehouse")
def test_before_the_first_build_the_page_says_how_to_build(client: TestClient) -> None:
    answer = client.get("/data-docs/")
    assert answer.status_code == 404
    assert "silkwire docs build" in answer.text


@pytest.mark.usefixtures("warehouse")
def test_the_pages_are_served_with_a_policy_that_runs_nothing(
    client: TestClient, warehouse_settings: Settings
) -> None:
    build(warehouse_settings)
    answer = client.get("/data-docs/")
    assert "Nothing has been validated yet." in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none';")
    assert client.get("/data-docs/expectations/entry.html").status_code == 200
    assert client.get("/data-docs/icon.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.usefixtures("warehouse")
@pytest.mark.parametrize(
    "path", ["..%2Fsecret.html", "%2e%2e/secret.html", "x/..%2f..%2fsecret.html", "none.html"]
)
def test_no_address_leads_out_of_the_folder(
    client: TestClient, warehouse_settings: Settings, path: str
) -> None:
    _, folder = build(warehouse_settings)
    (folder.parent / "secret.html").write_text("secret", "utf-8")
    (folder / "x").mkdir()
    answer = client.get(f"/data-docs/{path}")
    assert answer.status_code == 404
    assert "secret" not in answer.text


@pytest.mark.usefixtures("warehouse")
def test_a_user_who_is_not_signed_in_sees_no_page(warehouse_settings: Settings) -> None:
    def refuse() -> None:
        raise HTTPException(401, "Not authenticated")

    build(warehouse_settings)
    docs = create_data_docs(
        lambda: warehouse_settings, dependencies=[refuse], sign_in_path="/api/v2/auth/login"
    )
    app = FastAPI()
    app.mount("/data-docs", docs)
    client = TestClient(app, follow_redirects=False)
    for path in ("/data-docs/", "/data-docs/expectations/entry.html"):
        assert client.get(path).status_code == 401
        answer = client.get(path, headers={"accept": "text/html"})
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/api/v2/auth/login?next=")
