"""What the Newsroom and Data Docs share: guarded pages, security headers, sign-in, error pages."""

import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Request
from fastapi.responses import RedirectResponse, Response
from starlette.exceptions import HTTPException

_log = logging.getLogger(__name__)
_UNEXPECTED = "This page failed unexpectedly. The log of Airflow's API server says why."
Page = Callable[..., Any]


def create_app(
    title: str,
    *,
    pages: Mapping[str, Page],
    open_pages: Mapping[str, Page],
    guards: Sequence[Page],
    sign_in_path: str | None,
    content_policy: str,
    show_error: Callable[[Request, HTTPException], Response],
) -> FastAPI:
    """An application of `pages` by path, which the `guards` protect, and unprotected `open_pages`.

    A browser for which a guard answers 401 is sent to `sign_in_path` of Airflow and back again.
    """
    app = FastAPI(title=title, docs_url=None, redoc_url=None, openapi_url=None)
    headers = {
        "Content-Security-Policy": content_policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }

    async def add_headers(request: Request, call_next: Any) -> Response:
        try:
            response: Response = await call_next(request)
        except Exception:  # noqa: BLE001 - an answer of the server itself has no headers
            _log.exception("%s failed", request.url.path)
            response = show_error(request, HTTPException(500, _UNEXPECTED))
        for name, value in headers.items():
            response.headers.setdefault(name, value)
        return response

    async def handle_error(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        is_signed_out = exc.status_code == HTTPStatus.UNAUTHORIZED
        if is_signed_out and sign_in_path and "text/html" in request.headers.get("accept", ""):
            # Without the host, which the request can forge.
            page = request.url.replace(scheme="", netloc="")
            target = urlencode({"next": str(page)})
            login = f"{find_airflow(request)}{sign_in_path}?{target}"
            return RedirectResponse(login, HTTPStatus.FOUND)
        return show_error(request, exc)

    for path, page in open_pages.items():
        app.add_api_route(path, page)
    for path, page in pages.items():
        app.add_api_route(path, page, dependencies=[Depends(guard) for guard in guards])
    app.middleware("http")(add_headers)
    app.exception_handler(HTTPException)(handle_error)
    return app


def find_airflow(request: Request) -> str:
    """The path of Airflow's UI, in which the application is mounted."""
    return str(request.scope.get("root_path", "")).rpartition("/")[0]
