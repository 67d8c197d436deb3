"""Whether this container's part of Airflow is healthy: exit code 0 or 1.

    python healthcheck.py [COMMAND...]

The command that the container runs shows which part of Airflow it is. Any other command is healthy
as long as it runs.
"""

import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from pathlib import Path

SECONDS = 40
API_PORT = os.environ.get("AIRFLOW__API__PORT", "8080")
SCHEDULER_PORT = os.environ.get("AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT", "8974")
JOBS = {"dag-processor": "DagProcessorJob", "triggerer": "TriggererJob"}
CELERY_APP = "airflow.providers.celery.executors.celery_executor.app"


def find_part(command: Sequence[str]) -> str | None:
    """The Airflow subcommand in `command`, such as `scheduler`; None if there is none."""
    words = [Path(word).name for word in command]
    if "airflow" not in words:
        return None
    following = words[words.index("airflow") + 1 :]
    return next((word for word in following if not word.startswith("-")), None)


def is_healthy(part: str | None, host: str) -> bool:
    if part == "api-server":
        return answers(f"http://127.0.0.1:{API_PORT}/api/v2/monitor/health")
    if part == "scheduler":
        return answers(f"http://127.0.0.1:{SCHEDULER_PORT}/health")
    if part in JOBS:
        return succeeds("airflow", "jobs", "check", "--job-type", JOBS[part], "--hostname", host)
    if part == "celery":
        return succeeds("celery", "--app", CELERY_APP, "inspect", "ping", "-d", f"celery@{host}")
    return True


def answers(url: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def succeeds(*command: str) -> bool:
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def main() -> int:
    command = sys.argv[1:] or Path("/proc/1/cmdline").read_text("utf-8").split("\0")
    return 0 if is_healthy(find_part(command), socket.gethostname()) else 1


if __name__ == "__main__":
    raise SystemExit(main())
