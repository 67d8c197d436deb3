"""Where a browser goes that is not signed in to Airflow."""

from urllib.parse import urlencode

from fastapi import Request
from fastapi.responses import RedirectResponse


def lead_to_sign_in(request: Request, path: str) -> RedirectResponse | None:
    """To Airflow's login at `path` and back; None for programs, which read the status instead."""
    if "text/html" not in request.headers.get("accept", ""):
        return None
    airflow = request.scope.get("root_path", "").rpartition("/")[0]
    return RedirectResponse(f"{airflow}{path}?{urlencode({'next': str(request.url)})}", 302)
