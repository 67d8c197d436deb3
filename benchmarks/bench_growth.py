"""How the time and memory of one batch grow with the number of (generated) feeds.

Each size has a fresh home; a feed has five entries, a host 500 feeds. The time is that of the
command from start to exit. Memory is the sum over the command's processes (PSS) at its highest,
without PostgreSQL.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

from children import run_child
from environments import PEERS, find_python
from feedpublisher import ENTRIES, publish
from figures import Figure, Measured, Size
from homes import describe_environment, list_feeds, throwaway_home

from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade

SIZES = (1_000, 10_000, 50_000)
QUICK_SIZES = (100, 500, 1_000)
LIMIT_MB = 800.0
PICTURE = Path(__file__).with_name("growth.svg")


def measure(size: Size) -> Measured:
    points = [_measure_size(feeds) for feeds in (QUICK_SIZES if size.is_quick else SIZES)]
    if not size.is_quick:
        _draw(points)
    last = points[-1]
    figures = [
        Figure(
            f"peak memory at {last['feeds']:,} feeds, {which}",
            "MB",
            [last[f"{which}_mb"]],
            "limit",
            [LIMIT_MB],
            is_cost=True,
            target=1.0,
        )
        for which in ("first", "unchanged")
    ]
    figures += [
        Figure(
            f"seconds a 1,000 feeds at {large['feeds']:,} feeds, first",
            "s",
            [large["first_s"] * 1_000 / large["feeds"]],
            f"at {small['feeds']:,}",
            [small["first_s"] * 1_000 / small["feeds"]],
            is_cost=True,
        )
        for small, large in pairwise(points)
    ]
    return Measured(figures, {"points": points})


def _measure_size(feeds: int) -> dict[str, Any]:
    with throwaway_home() as settings, publish(feeds, is_real=False) as urls:
        engine = open_engine(settings)
        upgrade(engine)
        engine.dispose()
        list_feeds(settings, urls)
        command = (sys.executable, "-m", "silkwire", "ingest", "--all", "--json")
        environment = describe_environment(settings)
        first = run_child(command, env=environment, is_memory_sampled=True)
        again = run_child(command, env=environment, is_memory_sampled=True)
    report = json.loads(first.output)
    assert report["entries"]["fetched"] == feeds * ENTRIES, report
    return {
        "feeds": feeds,
        "first_s": round(first.seconds, 2),
        "first_mb": round(first.peak_mb),
        "unchanged_s": round(again.seconds, 2),
        "unchanged_mb": round(again.peak_mb),
        "steps": report["seconds"],
    }


def _draw(points: list[dict[str, Any]]) -> None:
    command = (find_python("picture"), str(PEERS / "draw_growth.py"), str(PICTURE))
    run_child((*command, json.dumps(points)))
