"""Seconds from an item's appearance in a feed to its row in mart.articles and to a webhook.

    python benchmarks/measure_latency.py [--ticks N] [--json FILE]

Runs `silkwire up` with a feed of poll="10m" on loopback. Each item appears as soon as the last run
has ended, so it waits for the next tick nearly as long as an item can. A tick takes ten minutes,
most of them idle. The limit is one tick and 60 seconds.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from helpers.feedserver import FeedServer
from helpers.running_airflow import RunningAirflow, wait_for
from helpers.sinks import Webhook
from silkwire.config import Settings
from silkwire.warehouse.embedded.server import remove_server, server_status

TICK_S = 600
LIMIT_S = TICK_S + 60
FIRST = "China tells its AI scientists to avoid travel to the U.S."
LATER = "China extends visa-free entry to travellers from {} more countries"
ROW = "SELECT loaded_at FROM mart.articles WHERE title = %s"


class OneFeed(FeedServer):
    """A feed that is fetched every ten minutes; `add` inserts an item at its top."""

    def __init__(self) -> None:
        super().__init__()
        self._items: list[str] = []
        self.add(FIRST)

    def add(self, title: str) -> None:
        link = f"https://paper.example/{len(self._items)}"
        self._items.insert(0, f"<item><title>{title}</title><link>{link}</link></item>")
        body = "".join(self._items)
        document = f"<rss version='2.0'><channel><title>t</title>{body}</channel></rss>"
        self.documents["paper"] = document.encode()

    def write_opml(self, file: Path, attributes: str = "poll='10m'") -> Path:
        return super().write_opml(file, attributes)


def watch(folder: Path, hook: Webhook) -> None:
    """Write a watch that sends every article on travel to the webhook."""
    file = folder / "config" / "watches.yaml"
    file.write_text(
        f"watches:\n  - name: travel\n    topics: [china_travel]\n    to: ['{hook.url}']\n", "utf-8"
    )


def measure_tick(
    airflow: RunningAirflow, feed: OneFeed, hook: Webhook, number: int
) -> dict[str, float]:
    """Seconds to the row and to the webhook, from the item's appearance and from the next tick."""
    title = LATER.format(number + 1)
    appeared_at = time.time()
    feed.add(title)
    url = server_status(Settings(home=airflow.home)).url
    assert url is not None
    with psycopg.connect(url, autocommit=True) as conn:
        row_at = _await(lambda: conn.execute(ROW, [title]).fetchone())
    hook_at = _await(lambda: any(title in str(post) for post in hook.posts))
    tick_at = -(-appeared_at // TICK_S) * TICK_S
    return {
        "waited_for_tick_s": tick_at - appeared_at,
        "tick_to_row_s": row_at - tick_at,
        "tick_to_webhook_s": hook_at - tick_at,
        "row_s": row_at - appeared_at,
        "webhook_s": hook_at - appeared_at,
    }


def _await(find: Callable[[], Any]) -> float:
    deadline = time.monotonic() + 2 * LIMIT_S
    while not find():
        if time.monotonic() > deadline:
            raise SystemExit(f"nothing came within {2 * LIMIT_S} s")
        time.sleep(0.2)
    return time.time()


def _await_end(airflow: RunningAirflow, known: set[str]) -> None:
    """Wait until a run that is not in `known` succeeds, and add it; SystemExit if it fails."""
    run = wait_for(
        lambda: next(
            (
                run
                for run in airflow.list_runs()
                if run["dag_run_id"] not in known and run["state"] in {"success", "failed"}
            ),
            None,
        ),
        2 * LIMIT_S,
    )
    if run["state"] != "success":
        raise SystemExit(airflow.read_logs(run["dag_run_id"]))
    known.add(run["dag_run_id"])


def run(folder: Path, ticks: int) -> list[dict[str, float]]:
    with OneFeed() as feed, Webhook() as hook:
        airflow = RunningAirflow(folder, feed)
        watch(folder, hook)
        return measure(airflow, feed, hook, ticks)


def measure(
    airflow: RunningAirflow, feed: OneFeed, hook: Webhook, ticks: int
) -> list[dict[str, float]]:
    with airflow:
        print(f"silkwire up after {airflow.seconds:.0f} s", flush=True)
        known: set[str] = set()
        _await_end(airflow, known)
        measured = []
        for number in range(ticks):
            measured.append(measure_tick(airflow, feed, hook, number))
            figures = ", ".join(f"{name} {value:.1f}" for name, value in measured[-1].items())
            print(f"{datetime.now(UTC):%H:%M:%S} {figures}", flush=True)
            _await_end(airflow, known)
        return measured


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ticks", type=int, default=1, help="how many ticks (1)")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="silkwire-latency-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        try:
            measured = run(folder, options.ticks)
        finally:
            remove_server(Settings(home=folder / "home"))
    longest = max(max(one["row_s"], one["webhook_s"]) for one in measured)
    print(f"longest {longest:.0f} s (limit {LIMIT_S})")
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    return 0 if longest <= LIMIT_S else 1


if __name__ == "__main__":
    raise SystemExit(main())
