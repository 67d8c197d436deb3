"""Airflow's REST API on loopback: its health, its DAGs, and the pool for fetches."""

import json
import urllib.error
import urllib.request
from typing import Any

from silkwire.standalone.environment import HOST
from silkwire.standalone.home import USER

# loopback must not go through a proxy
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
_SECONDS = 5.0
FETCH_POOL = {
    "name": "silkwire_fetch",
    "slots": 8,
    "description": "Shards of feeds that are fetched at once",
}
"""Tasks wait for ever for a pool that does not exist. docker/init.sh makes the same pool."""
_PARTS = {
    "metadatabase": "database",
    "scheduler": "scheduler",
    "dag_processor": "DAG processor",
    "triggerer": "triggerer",
}


def list_missing(port: int) -> tuple[str, ...]:
    """The parts of Airflow that are not healthy; empty if all are."""
    health = _request(port, "/api/v2/monitor/health")
    if health is None:
        return ("web server", *list(_PARTS.values())[1:])
    return tuple(
        name for part, name in _PARTS.items() if health.get(part, {}).get("status") != "healthy"
    )


def sign_in(port: int, password: str) -> str | None:
    """A token for the other requests; None while Airflow does not give one."""
    found = _request(port, "/auth/token", body={"username": USER, "password": password})
    return None if found is None else str(found["access_token"])


def has_dag(port: int, token: str, dag_id: str) -> bool:
    """Whether Airflow has parsed the DAG."""
    return _request(port, f"/api/v2/dags/{dag_id}", token=token) is not None


def list_import_errors(port: int, token: str) -> list[str]:
    """`file: last line of the error` for each DAG file that cannot be imported."""
    found = _request(port, "/api/v2/importErrors", token=token)
    return [
        f"{error['filename']}: {error['stack_trace'].strip().splitlines()[-1]}"
        for error in (found or {}).get("import_errors", [])
    ]


def make_pool(port: int, token: str) -> None:
    """Make the pool for fetches if it is missing; operators may change its slots afterwards."""
    if _request(port, f"/api/v2/pools/{FETCH_POOL['name']}", token=token) is None:
        _request(port, "/api/v2/pools", token=token, body=FETCH_POOL)


def _request(
    port: int, path: str, *, token: str | None = None, body: dict[str, Any] | None = None
) -> dict[str, Any] | None:
    """The JSON object of the answer; None if there is no answer, or an error."""
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
