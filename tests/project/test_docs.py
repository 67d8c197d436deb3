"""The documents: their links lead somewhere, and their pages stay short."""

import re
from pathlib import Path

import pytest

from helpers.places import ROOT

DESIGN = sorted((ROOT / "docs" / "design").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *DESIGN]


def list_anchors(page: Path) -> set[str]:
    """The anchor of each heading, as GitHub makes it."""
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8"))
    for link in links:
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        if anchor:
            assert anchor in list_anchors(target), link


def test_pages_are_short_enough_to_be_read() -> None:
    lengths = {page: len(page.read_text("utf-8").splitlines()) for page in PAGES}
    assert lengths[ROOT / "README.md"] < 180
    assert [page.name for page in DESIGN if lengths[page] >= 150] == []


def test_index_of_the_design_names_every_page() -> None:
    index = (ROOT / "docs" / "design" / "README.md").read_text("utf-8")
    assert [
        page.name for page in DESIGN if page.name != "README.md" and page.name not in index
    ] == []
