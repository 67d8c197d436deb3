"""The Newsroom in Airflow's own pages: articles are read, and nobody peeks in."""

import re
import urllib.request
from urllib.error import HTTPError

import pytest
from playwright.sync_api import Browser, FrameLocator, Page, expect

from helpers.newsfeeds import ATTACK, SCIENTISTS_LATER
from helpers.places import ROOT
from helpers.running_airflow import RunningAirflow

DOCS = ROOT / "docs"


def open_newsroom(page: Page, airflow: RunningAirflow) -> FrameLocator:
    page.goto(f"{airflow.greeted('URL')}/plugin/newsroom")
    return page.frame_locator("iframe")


def test_the_newsroom_stands_in_airflows_navigation(session: Page, loaded: RunningAirflow) -> None:
    frame = open_newsroom(session, loaded)
    expect(frame.locator(".item h3").first).to_be_visible()
    expect(frame.get_by_text(SCIENTISTS_LATER)).to_be_visible()
    expect(frame.get_by_text("edited once")).to_be_visible()


def test_a_hostile_title_is_text(session: Page, loaded: RunningAirflow) -> None:
    frame = open_newsroom(session, loaded)
    expect(frame.get_by_role("heading", name=ATTACK)).to_be_visible()
    assert frame.locator("main img").count() == 0
    assert session.title() != "owned"


def test_an_edit_is_shown_side_by_side(session: Page, loaded: RunningAirflow) -> None:
    frame = open_newsroom(session, loaded)
    frame.get_by_text(SCIENTISTS_LATER).click()
    expect(frame.locator("del").first).to_have_text("tells")
    expect(frame.locator("ins").first).to_have_text("urges")
    expect(frame.get_by_role("link", name="as received").first).to_be_visible()


def test_keys_move_through_the_list_and_open_an_article(
    session: Page, loaded: RunningAirflow
) -> None:
    session.goto(f"{loaded.greeted('URL')}/newsroom/")
    session.keyboard.press("j")
    session.keyboard.press("j")
    expect(session.locator(".item").nth(1)).to_be_focused()
    session.keyboard.press("k")
    expect(session.locator(".item").nth(0)).to_be_focused()
    session.keyboard.press("Enter")
    expect(session).to_have_url(re.compile(r"/newsroom/articles/\d+$"))


def test_a_filter_is_in_the_address(session: Page, loaded: RunningAirflow) -> None:
    session.goto(f"{loaded.greeted('URL')}/newsroom/")
    session.get_by_label("Language").select_option("zh")
    expect(session).to_have_url(re.compile(r"/newsroom/\?language=zh$"))
    expect(session.locator(".item")).to_have_count(1)


def test_a_link_to_the_publisher_opens_outside_of_the_frame(
    session: Page, loaded: RunningAirflow
) -> None:
    frame = open_newsroom(session, loaded)
    with session.context.expect_page() as opened:
        frame.get_by_role("link", name="Read it there").first.click()
    assert ".example/" in opened.value.url or opened.value.url.startswith("chrome-error:")
    opened.value.close()
    assert "/plugin/newsroom" in session.url


def test_the_frame_is_dark_when_airflow_is(session: Page, loaded: RunningAirflow) -> None:
    frame = open_newsroom(session, loaded)
    for appearance, theme in (("Dark Mode", "dark"), ("Light Mode", "light")):
        session.get_by_role("button", name="User").click()
        session.get_by_role("menuitem", name="Appearance").click()
        session.get_by_role("menuitemradio", name=appearance).click()
        expect(frame.locator("html")).to_have_attribute("data-theme", theme)
        session.keyboard.press("Escape")


def test_nobody_gets_in_without_the_login(loaded: RunningAirflow, browser: Browser) -> None:
    for path in ("/newsroom/", "/newsroom/articles/1", "/newsroom/revisions/1/raw"):
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(loaded.greeted("URL") + path, timeout=30)
        assert refused.value.code == 401
    stranger = browser.new_context().new_page()
    stranger.goto(f"{loaded.greeted('URL')}/newsroom/?topic=ai")
    expect(stranger.locator("input[name=password]")).to_be_visible()
    assert "scientists" not in stranger.content()
    stranger.context.close()


def test_whoever_logs_in_comes_to_the_page_that_was_asked_for(
    loaded: RunningAirflow, browser: Browser
) -> None:
    page = browser.new_context().new_page()
    page.goto(f"{loaded.greeted('URL')}/newsroom/?topic=china_travel")
    page.locator("input[name=username]").fill(loaded.greeted("user"))
    page.locator("input[name=password]").fill(loaded.greeted("password"))
    page.locator("button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/newsroom/\?topic=china_travel"))
    page.context.close()
