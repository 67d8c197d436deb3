"""A real stream: the snapshots of ../shared/series, served one after another, each a batch.

What happened to the articles was computed independently (its README); it must come out the same.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from helpers.places import SHARED
from silkwire.config import Settings
from silkwire.pipeline import ingest

SERIES = SHARED / "series"


@pytest.mark.slow
@pytest.mark.parametrize("feed", ["aljazeera-youtube", "cctv-cn", "straitstimes", "bbc"])
def test_articles_revisions_and_edits_are_those_computed_independently(
    warehouse_settings: Settings, warehouse: Engine, tmp_path: Path, feed: str
) -> None:
    if not SERIES.is_dir():
        pytest.skip("../shared/series is not here")
    settings = warehouse_settings.model_copy(update=_reach_loopback())
    with FeedServer({"feed": b""}) as server:
        opml = server.write_opml(tmp_path / "f.opml", "topics='ai'")
        for snapshot in sorted((SERIES / feed).glob("*.xml")):
            at = datetime.strptime(snapshot.stem, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
            server.documents["feed"] = snapshot.read_bytes()
            ingest(settings, feeds_opml=opml, ignore_due=True, now=lambda at=at: at)
    expected = json.loads((SERIES / "expected.json").read_text("utf-8"))["feeds"][feed]["totals"]
    found = _count(warehouse)
    assert found == {name: expected[name] for name in found}


def _reach_loopback() -> dict[str, Any]:
    from ipaddress import ip_network

    return {
        "fetch_allow_private": (ip_network("127.0.0.0/8"),),
        "fetch_host_pause": 0.0,
    }


def _count(engine: Engine) -> dict[str, int]:
    with engine.begin() as conn:
        row = conn.execute(
            text(
                "SELECT (SELECT count(*) FROM core.fact_article) AS articles,"
                " (SELECT count(*) FROM core.article_revision) AS revisions,"
                " (SELECT count(*) FROM mart.article_edits) AS edits,"
                " (SELECT count(*) FROM mart.article_edits WHERE 'title' = ANY (changed))"
                " AS title_edits,"
                " (SELECT count(*) FROM mart.article_edits"
                "  WHERE NOT 'title' = ANY (changed)) AS summary_edits,"
                " (SELECT count(*) FROM core.fact_sighting WHERE left_at IS NOT NULL"
                "  OR return_count > 0) AS articles_that_left,"
                " (SELECT count(*) FROM core.fact_sighting WHERE return_count > 0)"
                " AS articles_that_returned,"
                " (SELECT sum(return_count) FROM core.fact_sighting) AS returns"
            )
        ).one()
    return dict(row._mapping)
