"""Whole cycles over loopback HTTP: the command `silkwire ingest` beside what a user might pick.

Seconds from the start of a command to its exit, imports included, as cron would run it. silkwire
archives, filters, validates and loads PostgreSQL (fsync on); `reader` keeps all entries in SQLite;
the naive script puts them into PostgreSQL without looking. First everything is new, then nothing
is: silkwire and `reader` get 304, the naive script does not ask.
"""

import json
import sys
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from children import run_child
from environments import PEERS, find_python
from feedpublisher import CORPUS, publish
from figures import Figure, Measured, Size, compare
from homes import describe_environment, list_feeds, throwaway_home

from silkwire.config import Settings
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.migrate import upgrade
from silkwire.warehouse.server import ensure_server

FEEDS = 400
SILKWIRE = (sys.executable, "-m", "silkwire")
LEAST = {"reader 3": 2.0}
Cycle = Callable[[], dict[str, Any]]


def measure(size: Size) -> Measured:
    feeds = size.pick(FEEDS, 100)
    first: dict[str, list[float]] = {}
    again: dict[str, list[float]] = {}
    details: dict[str, Any] = {"feeds": feeds, "documents": "real" if CORPUS.is_dir() else "made"}
    with publish(feeds, is_real=True) as urls:
        for number in range(size.rounds):
            _run_round(urls, first, again, details, is_turned=number % 2 == 1)
    rate = {name: [feeds / seconds for seconds in values] for name, values in first.items()}
    rate_again = {name: [feeds / seconds for seconds in values] for name, values in again.items()}
    return Measured([*_compare("first", rate), *_compare("all unchanged", rate_again)], details)


def _compare(cycle: str, rates: dict[str, list[float]]) -> list[Figure]:
    return compare(f"whole cycle, {cycle}", "feeds/s", rates, targets=LEAST)


def _run_round(
    urls: list[str],
    first: dict[str, list[float]],
    again: dict[str, list[float]],
    details: dict[str, Any],
    *,
    is_turned: bool,
) -> None:
    """Each contender in a fresh home: once, and twice more with nothing new, of which the last
    counts."""
    with ExitStack() as stack:
        settings = stack.enter_context(throwaway_home())
        cycles = _prepare(settings, urls)
        for name in reversed(cycles) if is_turned else cycles:
            taken, report = cycles[name]()
            first.setdefault(name, []).append(taken)
            details[name] = report
            again.setdefault(name, []).append(min(cycles[name]()[0] for _ in range(2)))


def _prepare(settings: Settings, urls: list[str]) -> dict[str, Callable[[], tuple[float, Any]]]:
    """A command for each; the warehouse is installed, the lists are written."""
    engine = open_engine(settings)
    upgrade(engine)
    engine.dispose()
    list_feeds(settings, urls)
    environment = describe_environment(settings)
    folder = settings.config_dir.parent
    listed = folder / "urls.txt"
    listed.write_text("\n".join(urls), "utf-8")

    def run(*command: str) -> tuple[float, Any]:
        child = run_child(command, env=environment)
        return child.seconds, json.loads(child.output)

    reader, naive = find_python("reader"), find_python("naive")
    return {
        "silkwire": lambda: run(*SILKWIRE, "ingest", "--all", "--json"),
        "reader 3": lambda: run(
            reader, str(PEERS / "update_reader.py"), str(folder / "reader.sqlite"), str(listed)
        ),
        "requests, feedparser, to_sql": lambda: run(
            naive, str(PEERS / "update_naively.py"), ensure_server(settings), str(listed)
        ),
    }
