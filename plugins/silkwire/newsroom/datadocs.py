"""Serve Data Docs: the pages that `silkwire docs build` wrote under the data URL."""

import re
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, Response
from starlette.exceptions import HTTPException

from silkwire.config import Settings
from silkwire.newsroom.serving import create_app
from silkwire.pipeline.upkeep.data_docs import read_page

_NAME = re.compile(r"([A-Za-z0-9_-][A-Za-z0-9._-]*/)*[A-Za-z0-9_-][A-Za-z0-9._-]*\.html", re.ASCII)
"""No part of a page's path begins with a dot, so no path leads out of the folder."""
_NO_PAGE = "This page does not exist. Pages of old results are removed when new ones are built."
_NOT_BUILT = (
    "There are no Data Docs yet. The DAG refresh_marts builds them after each batch;"
    " `silkwire docs build` builds them now."
)
_ICON = Path(__file__).parent / "static" / "datadocs.svg"
_CONTENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none';"
    " frame-ancestors 'self'"
)


def create_data_docs(
    read_settings: Callable[[], Settings],
    *,
    dependencies: Sequence[Any] = (),
    sign_in_path: str | None = None,
) -> FastAPI:
    """The ASGI application; for `dependencies` and `sign_in_path` see `serving.create_app`."""

    def show(page: str = "index.html") -> Response:
        content = read_page(read_settings(), page) if _NAME.fullmatch(page) else None
        if content is None:
            raise HTTPException(404, _NOT_BUILT if page == "index.html" else _NO_PAGE)
        return HTMLResponse(content)

    def show_error(request: Request, exc: HTTPException) -> Response:
        del request
        page = f"<!DOCTYPE html><title>Data Docs</title><p>{escape(str(exc.detail))}</p>"
        return HTMLResponse(page, exc.status_code)

    return create_app(
        "Data Docs",
        pages={"/": show, "/{page:path}": show},
        open_pages={"/icon.svg": lambda: FileResponse(_ICON)},
        guards=dependencies,
        sign_in_path=sign_in_path,
        content_policy=_CONTENT_POLICY,
        show_error=show_error,
    )
