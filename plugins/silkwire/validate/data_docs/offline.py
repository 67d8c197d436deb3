"""Make pages of Great Expectations work without the network, and write an index of our own.

Its pages load 5 style sheets, 8 scripts, an icon font and 2 pictures from 6 hosts, and a script
draws its index. All of that is removed here. Each page gets our style sheet instead, and a policy
that forbids the browser to fetch or run anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from lxml import html

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_GONE = (
    "//script | //link | //style | //img | //footer | //title | //input | //meta[@http-equiv]"
    " | //div[contains(@class, 'card') and .//strong[normalize-space() = 'Actions']]"
    " | //p[contains(@class, 'lead')]"
)
_TITLE = "silkwire data quality"
_SUITES = {
    "entry": "Every record of a batch",
    "batch": "The batch as a whole, and its documents",
    "warehouse": "The warehouse itself",
}


@dataclass(frozen=True, slots=True)
class IndexRow:
    """One run on the index."""

    suite: str
    run_id: str
    run_at: datetime
    expectation_count: int
    failed: tuple[str, ...]
    """A line for each expectation that failed."""
    page: str


def make_offline(page: str, home: str) -> str:
    """`page` without anything that a browser loads or runs; `home` is the path to the index."""
    tree: Any = html.document_fromstring(page)
    for element in tree.xpath(_GONE):
        element.drop_tree()
    for element in tree.iter():
        for name in [name for name in element.attrib if name.startswith(("on", "data-"))]:
            del element.attrib[name]
    for link in tree.xpath("//a[starts-with(@href, 'http') or starts-with(@href, '//')]"):
        link.drop_tag()
    for brand in tree.xpath("//div[contains(@class, 'navbar-brand')]"):
        brand.drop_tree()
    head = tree.find("head")
    for element in reversed(html.fragments_fromstring(_make_head())):
        head.insert(0, element)
    bar = html.fragment_fromstring(f'<p class="brand"><a href="{escape(home)}">{_TITLE}</a></p>')
    tree.body.insert(0, bar)
    return "<!DOCTYPE html>\n" + str(html.tostring(tree, encoding="unicode"))


def make_offline_index(rows: Sequence[IndexRow], suites: Sequence[str], *, now: datetime) -> str:
    """The index of the kept runs of each suite, newest first."""
    parts = [
        f"<!DOCTYPE html>\n<html lang=en><head>{_make_head()}</head><body>",
        f'<p class="brand">{_TITLE}</p><main class="index">',
        f"<p>Built {now:%Y-%m-%d %H:%M} UTC with Great Expectations from the last results;",
        "<code>mart.data_quality_daily</code> has all of them by day and expectation.</p>",
    ]
    ordered = sorted(
        rows, key=lambda row: (list(_SUITES).index(row.suite), -row.run_at.timestamp())
    )
    for suite, in_suite in groupby(ordered, key=lambda row: row.suite):
        parts += _draw_suite(suite, list(in_suite), suites)
    if not rows:
        parts.append("<p>Nothing has been validated yet.</p>")
    return "\n".join([*parts, "</main></body></html>\n"])


def _draw_suite(suite: str, rows: Sequence[IndexRow], suites: Sequence[str]) -> list[str]:
    page = next((name for name in suites if name.endswith(f"/{suite}.html")), None)
    link = f' <a class="what" href="{escape(page)}">what is expected, and why</a>' if page else ""
    head = "<th></th><th>run at (UTC)</th><th>run</th><th>failed</th><th>expectations</th>"
    return [
        f"<h2>{escape(_SUITES[suite])}{link}</h2>",
        f"<table class=runs><thead><tr>{head}</tr></thead><tbody>",
        *map(_draw_row, rows),
        "</tbody></table>",
    ]


def _draw_row(row: IndexRow) -> str:
    sign = '<b class="text-danger">✗</b>' if row.failed else '<b class="text-success">✓</b>'
    failed = "".join(f"<li>{escape(line)}</li>" for line in row.failed)
    return (
        f"<tr><td>{sign}</td><td>{row.run_at:%Y-%m-%d %H:%M:%S}</td>"
        f'<td><a href="{escape(row.page)}">{escape(row.run_id)}</a></td>'
        f"<td>{f'<ul>{failed}</ul>' if failed else ''}</td><td>{row.expectation_count}</td></tr>"
    )


def _make_head() -> str:
    return (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(POLICY)}">'
        f"<title>{_TITLE}</title><style>{_read_styles()}</style>"
    )


@cache
def _read_styles() -> str:
    return Path(__file__).with_name("offline.css").read_text("utf-8")
