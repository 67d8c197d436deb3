"""Start Airflow's processes, each with its own log, and stop them with all their descendants.

A process is known by its id and start time, so that a process which got the id of an ended one is
never signalled.
"""

import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from silkwire.standalone.home import AirflowHome

API_SERVER = "api-server"
# Log servers are not needed on one machine, and they would listen on every address.
COMPONENTS: dict[str, tuple[str, ...]] = {
    API_SERVER: ("api-server",),
    "scheduler": ("scheduler", "--skip-serve-logs"),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer", "--skip-serve-logs"),
}
# Running tasks get this long to end by themselves; after the next start Airflow retries the others.
TASK_SECONDS = 6.0
SERVER_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    process: psutil.Popen
    log: Path


def start_component(
    home: AirflowHome, name: str, arguments: Sequence[str], environment: Mapping[str, str]
) -> Component:
    """Start `airflow <arguments>` with the log `<name>.log`; the last log is kept as `.log.1`."""
    log = home.logs / f"{name}.log"
    with contextlib.suppress(FileNotFoundError):
        log.replace(log.with_suffix(".log.1"))
    with log.open("wb") as out:
        process = psutil.Popen(
            # -P: a file in the current folder must not shadow a module
            [sys.executable, "-P", "-m", "airflow", *arguments],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that Ctrl-C reaches only `up`, which stops in order
        )
    return Component(name, process, log)


def note_running(home: AirflowHome, components: Iterable[Component]) -> None:
    """Write ids and start times of the processes to a file, for `stop_leftovers`."""
    noted = []
    for component in components:
        with contextlib.suppress(psutil.NoSuchProcess):
            noted.append([component.name, component.process.pid, component.process.create_time()])
    home.running.write_text(json.dumps(noted), "utf-8")


def stop_leftovers(home: AirflowHome) -> int:
    """Stop the processes that a killed `up` left running; return their number."""
    try:
        noted = json.loads(home.running.read_text("utf-8"))
    except (OSError, ValueError):
        return 0
    found: list[psutil.Process] = []
    for _, pid, created_at in noted:
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            if process.create_time() == created_at:
                found.append(process)
    stop_processes(found, seconds=SERVER_SECONDS)
    home.running.unlink(missing_ok=True)
    return len(found)


def stop_components(components: Iterable[Component], hurry: threading.Event) -> None:
    """Stop them and their descendants, the API server last, because tasks report to it."""
    parts = list(components)
    others = [part.process for part in parts if part.name != API_SERVER]
    servers = [part.process for part in parts if part.name == API_SERVER]
    stop_processes(others, seconds=TASK_SECONDS, hurry=hurry)
    stop_processes(servers, seconds=SERVER_SECONDS, hurry=hurry)


def stop_processes(
    processes: Sequence[psutil.Process], *, seconds: float, hurry: threading.Event | None = None
) -> None:
    """Send SIGTERM, wait `seconds` (not once `hurry` is set), then send SIGKILL to the rest.

    Descendants are listed while their parents live, because tasks have their own process groups.
    """
    alive = _list_family(processes)
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.terminate()
    deadline = time.monotonic() + seconds
    while alive and time.monotonic() < deadline and not (hurry and hurry.is_set()):
        _, alive = psutil.wait_procs({*alive, *_list_family(alive)}, timeout=0.2)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=2.0)


def _list_family(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    family: dict[psutil.Process, None] = {}
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            family.update(dict.fromkeys([process, *process.children(recursive=True)]))
    return list(family)


def read_last_line(log: Path) -> str:
    """The last non-empty line of a log, for an error message."""
    try:
        lines = log.read_text("utf-8", "replace").split("\n")
    except OSError as exc:
        return f"its log cannot be read: {exc.strerror}"
    return next((line.strip() for line in reversed(lines) if line.strip()), "its log is empty")
