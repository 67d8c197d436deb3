"""Data Docs in Airflow's UI: the pages that `silkwire docs build` wrote, read from the data URL."""

import re
from collections.abc import Callable, Sequence
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from silkwire.config import Settings
from silkwire.newsroom.signin import lead_to_sign_in
from silkwire.pipeline.upkeep.data_docs import read_page

_NAME = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.html", re.ASCII)
"""No part of it begins with a dot, so none leads out of the folder."""
_NO_PAGE = "There is no such page: older results go as new ones come."
_NOT_BUILT = "No Data Docs yet: refresh_marts builds them after a batch, or silkwire docs build."
_ICON = Path(__file__).parent / "static" / "datadocs.svg"
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
        " frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def create_data_docs(
    read_settings: Callable[[], Settings],
    *,
    dependencies: Sequence[Any] = (),
    sign_in_path: str | None = None,
) -> FastAPI:
    """The application. `dependencies` guard every page; a 401 of theirs leads to `sign_in_path`."""
    app = FastAPI(title="Data Docs", docs_url=None, redoc_url=None, openapi_url=None)

    def show(page: str = "index.html") -> Response:
        content = read_page(read_settings(), page) if _NAME.fullmatch(page) else None
        if content is None:
            raise HTTPException(404, _NOT_BUILT if page == "index.html" else _NO_PAGE)
        return HTMLResponse(content, headers=_HEADERS)

    async def explain(request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        if exc.status_code == HTTPStatus.UNAUTHORIZED and sign_in_path:
            led = lead_to_sign_in(request, sign_in_path)
            if led is not None:
                return led
        sentence = f"<!DOCTYPE html><title>Data Docs</title><p>{escape(str(exc.detail))}</p>"
        return HTMLResponse(sentence, exc.status_code, headers=_HEADERS)

    guards = [Depends(guard) for guard in dependencies]
    app.add_api_route("/icon.svg", lambda: FileResponse(_ICON), include_in_schema=False)
    app.add_api_route("/", show, dependencies=guards)
    app.add_api_route("/{page:path}", show, dependencies=guards)
    app.exception_handler(HTTPException)(explain)
    return app
