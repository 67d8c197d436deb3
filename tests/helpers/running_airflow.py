"""`silkwire up` as a child process in a home of its own, and Airflow's REST API beside it."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from silkwire.resources import CONFIG_DIR

T = TypeVar("T")
DAG = "/api/v2/dags/ingest_feeds"
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Publisher(Protocol):
    """Who serves the feeds, and can list them."""

    def write_opml(self, file: Path, /) -> Path: ...


class RunningAirflow:
    """A context manager: up on entering, stopped on leaving. Feeds come from `publisher`."""

    def __init__(self, folder: Path, publisher: Publisher, port: int | None = None) -> None:
        self.folder, self.port = folder, port or find_free_port()
        self.home = folder / "home"
        self.greeting = ""
        self.seconds = 0.0
        self._token = ""
        self.environment = os.environ | {
            "SILKWIRE_HOME": str(self.home),
            "SILKWIRE_CONFIG_DIR": str(folder / "config"),
            "SILKWIRE_FETCH_ALLOW_PRIVATE": "127.0.0.0/8",
            "SILKWIRE_FETCH_HOST_CONCURRENCY": "20",
            "SILKWIRE_FETCH_HOST_PAUSE": "0",
        }
        self.environment.pop("SILKWIRE_WAREHOUSE_URL", None)
        if not (folder / "config").exists():
            shutil.copytree(CONFIG_DIR, folder / "config")
        publisher.write_opml(folder / "config" / "feeds.opml")

    def __enter__(self) -> Self:
        started = time.monotonic()
        with (self.folder / "up.err").open("ab") as err:
            self.process = subprocess.Popen(
                self.command("up", "--port", str(self.port)),
                env=self.environment,
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
            )
        assert self.process.stdout is not None
        while not self.greeting.count("password"):
            line = self.process.stdout.readline()
            assert line, (self.folder / "up.err").read_text("utf-8")
            self.greeting += line
        self.seconds = time.monotonic() - started
        login = {"username": self.greeted("user"), "password": self.greeted("password")}
        self._token = self.request("/auth/token", login)["access_token"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from silkwire.cli import main; main()", *arguments]

    def greeted(self, name: str) -> str:
        """What `silkwire up` printed as `name`."""
        found = re.search(rf"^ *{name} +(\S+)$", self.greeting, re.MULTILINE)
        assert found, self.greeting
        return found[1]

    def request(self, path: str, body: dict[str, Any] | None = None, method: str = "") -> Any:
        """What Airflow answers; GET without a body, else POST, where `method` is not given."""
        request = urllib.request.Request(self.greeted("URL") + path, method=method or None)
        if body is not None:
            request.data = json.dumps(body).encode()
            request.add_header("Content-Type", "application/json")
        if self._token:
            request.add_header("Authorization", f"Bearer {self._token}")
        with _OPENER.open(request, timeout=120) as answer:
            return json.load(answer)

    def list_runs(self) -> list[dict[str, Any]]:
        """The runs of `ingest_feeds`, oldest first."""
        runs: list[dict[str, Any]] = self.request(f"{DAG}/dagRuns?order_by=id")["dag_runs"]
        return runs

    def wait_for_run(self, seconds: float = 400) -> dict[str, Any]:
        """The first scheduled run, once it has ended."""
        return wait_for(
            lambda: next(
                (
                    run
                    for run in self.list_runs()
                    if run["run_type"] == "scheduled" and run["state"] in {"success", "failed"}
                ),
                None,
            ),
            seconds,
        )

    def ingest_all(self) -> None:
        """Read all feeds now, due or not, as `silkwire ingest --all` does."""
        self.run("ingest", "--all", "--json")

    def run(self, *arguments: str) -> Any:
        """The JSON that a command prints which uses the same home."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def read_logs(self, run_id: str) -> str:
        """What the run's tasks wrote, for a failure's message."""
        files = (self.home / "airflow" / "logs").glob(f"dag_id=*/run_id={run_id}/**/*.log")
        return "\n".join(path.read_text("utf-8") for path in sorted(files))

    def stop(self) -> tuple[int, float]:
        """Its exit code after SIGTERM, and how many seconds that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=180)
        return self.process.returncode, time.monotonic() - started


def wait_for(find: Callable[[], T | None], seconds: float) -> T:
    deadline = time.monotonic() + seconds
    while (found := find()) is None:
        assert time.monotonic() < deadline, f"nothing after {seconds} s"
        time.sleep(1)
    return found


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
