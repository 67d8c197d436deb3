"""Every document of ../shared/corpus over loopback HTTP, in one batch, and once more."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from helpers.feedserver import FeedServer
from helpers.places import SHARED
from silkwire.config import Settings

CORPUS = SHARED / "corpus" / "feeds"
MAX_MEMORY_KB = 700 * 1024

MEASURED = """
import sys
from pathlib import Path
from silkwire.cli import main
try:
    main()
finally:
    # Not `ru_maxrss`: it begins with what the parent process had.
    status = Path("/proc/self/status").read_text()
    peak = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
    print(f"peak_kb={peak}", file=sys.stderr)
"""


@pytest.fixture
def publishing(warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    del warehouse_settings
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_CONCURRENCY", "50")


@pytest.mark.slow
@pytest.mark.usefixtures("publishing")
@pytest.mark.parametrize("attributes", ["", "topics='ai'"], ids=["as it is", "all on topic"])
def test_the_corpus_reconciles_and_a_second_batch_accepts_nothing(
    warehouse: Engine, tmp_path: Path, attributes: str
) -> None:
    if not CORPUS.is_dir():
        pytest.skip("../shared/corpus is not here")
    documents = {path.name: path.read_bytes() for path in sorted(CORPUS.iterdir())}
    with FeedServer(documents) as server:
        # Else the second batch would be answered by 304 and prove nothing.
        server.is_conditional = False
        opml = server.write_opml(tmp_path / "corpus.opml", attributes)
        first, peak_kb = _ingest(opml)
        server.documents = {name: body + b"\n<!-- -->" for name, body in documents.items()}
        second, _ = _ingest(opml)
    assert first["feeds"]["due"] == len(documents)
    assert first["feeds"]["failed"] <= 8
    for report in (first, second):
        entries = report["entries"]
        assert entries["fetched"] == sum(
            entries[outcome] for outcome in ("accepted", "unchanged", "off_topic", "quarantined")
        )
    assert second["entries"]["fetched"] == first["entries"]["fetched"]
    assert second["entries"]["accepted"] == 0
    assert peak_kb < MAX_MEMORY_KB
    with warehouse.begin() as conn:
        differences = conn.execute(
            text("SELECT count(*) FROM mart.batch_reconciliation WHERE difference_count <> 0")
        ).scalar_one()
    assert differences == 0


def _ingest(opml: Path) -> tuple[dict[str, Any], int]:
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "ingest", "--feeds", str(opml), "--all", "--json"],
        env=dict(os.environ),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    peak = done.stderr.rsplit("peak_kb=", 1)[1].split()[0]
    return json.loads(done.stdout), int(peak)
