"""What Airflow says of itself, through its REST API on loopback."""

import json
import urllib.error
import urllib.request
from typing import Any

from silkwire.standalone.environment import HOST
from silkwire.standalone.home import USER

# never through a proxy
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 5.0
_PARTS = {
    "metadatabase": "database",
    "scheduler": "scheduler",
    "dag_processor": "DAG processor",
    "triggerer": "triggerer",
}


def list_missing(port: int) -> tuple[str, ...]:
    """The parts of Airflow that are not healthy yet; empty if all are."""
    health = _request(port, "/api/v2/monitor/health")
    if health is None:
        return ("web server", *list(_PARTS.values())[1:])
    return tuple(
        name for part, name in _PARTS.items() if health.get(part, {}).get("status") != "healthy"
    )


def has_dag(port: int, password: str, dag_id: str) -> bool:
    """Whether Airflow has read the DAG and would schedule it."""
    token = _request(port, "/auth/token", body={"username": USER, "password": password})
    if token is None:
        return False
    return _request(port, f"/api/v2/dags/{dag_id}", token=token["access_token"]) is not None


def list_import_errors(port: int, password: str) -> list[str]:
    """`file: last line of the error` for each DAG file that cannot be imported."""
    token = _request(port, "/auth/token", body={"username": USER, "password": password})
    found = token and _request(port, "/api/v2/importErrors", token=token["access_token"])
    return [
        f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}"
        for error in (found or {}).get("import_errors", [])
    ]


def _request(
    port: int, path: str, *, token: str | None = None, body: dict[str, str] | None = None
) -> dict[str, Any] | None:
    """The answer's JSON object; None while there is none."""
    request = urllib.request.Request(f"http://{HOST}:{port}{path}")
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    try:
        with _OPENER.open(request, timeout=_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
    return found
