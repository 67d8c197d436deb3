"""Whole cycles over loopback HTTP: one batch of silkwire beside what a user might pick.

silkwire archives, matches, validates and loads PostgreSQL (fsync on). `reader` keeps all entries in
SQLite. The naive script appends all entries to a PostgreSQL table and compares nothing. In the
first cycle everything is new, in the second nothing is: silkwire and `reader` then get 304, the
naive script sends no conditional requests. Two times are measured: that of the command from start
to exit, as cron would run it, and that of the cycle alone, after all imports.
"""

import json
import sys
from collections.abc import Callable
from typing import Any

from children import run_child
from environments import PEERS, ROOT, find_python
from feedpublisher import CORPUS, publish
from figures import Figure, Measured, Size, compare
from homes import describe_environment, list_feeds, throwaway_home

from silkwire.config import Settings
from silkwire.warehouse.embedded.server import ensure_server
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade

FEEDS = 400
LEAST = {"reader 3": 2.0}
Cycle = Callable[[], tuple[float, dict[str, Any]]]


def measure(size: Size) -> Measured:
    feeds = size.pick(FEEDS, 100)
    seconds: dict[str, dict[str, list[float]]] = {}
    details: dict[str, Any] = {"feeds": feeds, "documents": "real" if CORPUS.is_dir() else "made"}

    def record(cycle: str, name: str, run: Cycle) -> None:
        command_s, report = run()
        for what, value in ((f"{cycle}, command", command_s), (cycle, report["seconds"])):
            seconds.setdefault(what, {}).setdefault(name, []).append(value)
        details[f"{name}, {cycle}"] = report

    with publish(feeds, is_real=True) as urls:
        for number in range(size.rounds):
            with throwaway_home() as settings:
                contenders = _prepare(settings, urls)
                for name in reversed(contenders) if number % 2 else contenders:
                    record("first", name, contenders[name])
                    record("all unchanged", name, contenders[name])
    figures = [
        figure
        for what, found in sorted(seconds.items(), reverse=True)
        for figure in _compare(what, feeds, found)
    ]
    return Measured(figures, details)


def _compare(what: str, feeds: int, seconds: dict[str, list[float]]) -> list[Figure]:
    rates = {name: [feeds / value for value in values] for name, values in seconds.items()}
    targets = {} if what.endswith("command") else LEAST
    return compare(f"cycle, {what}", "feeds/s", rates, targets=targets)


def _prepare(settings: Settings, urls: list[str]) -> dict[str, Cycle]:
    """Migrate the warehouse and write the feed lists; return each contender's command."""
    engine = open_engine(settings)
    upgrade(engine)
    engine.dispose()
    list_feeds(settings, urls)
    environment = describe_environment(settings)
    folder = settings.config_dir.parent
    listed = folder / "urls.txt"
    listed.write_text("\n".join(urls), "utf-8")

    def run(*command: str) -> tuple[float, dict[str, Any]]:
        child = run_child(command, env=environment)
        return child.seconds, json.loads(child.output)

    reader, naive = find_python("reader"), find_python("naive")
    return {
        "silkwire": lambda: run(sys.executable, str(ROOT / "benchmarks" / "ingest_once.py")),
        "reader 3": lambda: run(
            reader, str(PEERS / "update_reader.py"), str(folder / "reader.sqlite"), str(listed)
        ),
        "requests, feedparser, to_sql": lambda: run(
            naive, str(PEERS / "update_naively.py"), ensure_server(settings), str(listed)
        ),
    }
