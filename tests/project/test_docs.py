"""The documents: their links lead somewhere, and their pages stay short."""

import re
from pathlib import Path

import pytest

from helpers.places import ROOT

DESIGN = sorted((ROOT / "docs" / "design").glob("*.md"))
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md")), *DESIGN]

FOLDERS = "plugins|tests|benchmarks|scripts|docker|sql|dags|config|docs"


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


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_path_and_module_that_a_page_names_is_there(page: Path) -> None:
    if page.name == "CHANGELOG.md":  # names what has moved
        return
    text = page.read_text("utf-8")
    paths = re.findall(rf"`((?:{FOLDERS})/[\w./-]+)", text)
    modules = re.findall(r"`silkwire((?:\.[a-z_]+)+)`", text)
    files = [ROOT / path for path in paths if "NAME" not in path and "/secrets" not in path]
    for file in files:
        assert file.exists(), file
    for module in modules:
        assert find_module(module.strip(".").split(".")), module


def find_module(names: list[str]) -> bool:
    """Whether the library has this module, or a name in it."""
    for length in range(len(names), 0, -1):
        place = ROOT / "plugins" / "silkwire" / Path(*names[:length])
        if place.is_dir() or place.with_suffix(".py").exists():
            source = place / "__init__.py" if place.is_dir() else place.with_suffix(".py")
            return length == len(names) or names[length] in source.read_text("utf-8")
    return False


def test_pages_are_short_enough_to_be_read() -> None:
    lengths = {page: len(page.read_text("utf-8").splitlines()) for page in PAGES}
    assert lengths[ROOT / "README.md"] < 180
    assert [page.name for page in DESIGN if lengths[page] >= 150] == []


def test_index_of_the_design_names_every_page() -> None:
    index = (ROOT / "docs" / "design" / "README.md").read_text("utf-8")
    assert [
        page.name for page in DESIGN if page.name != "README.md" and page.name not in index
    ] == []
