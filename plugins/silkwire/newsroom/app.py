"""The Newsroom's application: its pages by path. Every text of a publisher is escaped."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from silkwire.archive import read_bodies
from silkwire.config import Settings
from silkwire.errors import SilkwireError
from silkwire.newsroom.article import read_article, read_place
from silkwire.newsroom.filters import FilterError, parse_filters
from silkwire.newsroom.reading import ReadOnlyWarehouse
from silkwire.newsroom.serving import create_app, find_airflow
from silkwire.newsroom.templating import open_templates
from silkwire.newsroom.today import read_choices, read_freshness, read_today

_log = logging.getLogger(__name__)
_STATIC = Path(__file__).parent / "static"
_MAX_RAW_BYTES = 2_000_000
_KEY_DIGITS = 19
"""Python refuses to read numbers of more than 4,300 digits."""
_NO_ARTICLE = "There is no such article."
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
Clock = Callable[[], datetime]
_READ_CLOCK: Clock = partial(datetime.now, UTC)


def create_newsroom(
    read_settings: Callable[[], Settings],
    *,
    dependencies: Sequence[Any] = (),
    sign_in_path: str | None = None,
    now: Clock = _READ_CLOCK,
) -> FastAPI:
    """The ASGI application; for `dependencies` and `sign_in_path` see `serving.create_app`.

    Settings are read, and the warehouse is connected to, when the first page is asked for. Style
    sheets and scripts are the same for everybody and have no guard.
    """
    pages = _Pages(read_settings, now)
    app = create_app(
        "Newsroom",
        pages={
            "/": pages.show_today,
            "/articles/{article_key}": pages.show_article,
            "/revisions/{revision_key}/raw": pages.show_raw,
        },
        open_pages={},
        guards=dependencies,
        sign_in_path=sign_in_path,
        content_policy=_CONTENT_POLICY,
        show_error=pages.show_error,
    )
    app.mount("/static", StaticFiles(directory=_STATIC), name="static")
    return app


class _Pages:
    """One method for each page. They are not async, so FastAPI runs them in threads."""

    def __init__(self, read_settings: Callable[[], Settings], now: Clock):
        self._read_settings = read_settings
        self._now = now
        self._templates = open_templates()

    def show_today(self, request: Request) -> Response:
        try:
            filters = parse_filters(request.query_params)
        except FilterError as exc:
            raise HTTPException(400, str(exc)) from exc

        def read(conn: Any) -> dict[str, Any]:
            return {
                "today": read_today(conn, filters),
                "choices": read_choices(conn),
                "freshness": read_freshness(conn),
            }

        is_more = "HX-Request" in request.headers and filters.before is not None
        name = "items.html" if is_more else "today.html"
        return self._render(request, name, filters=filters, **self._read(read))

    def show_article(self, request: Request, article_key: str) -> Response:
        key = _parse_key(article_key)
        page = self._read(lambda conn: read_article(conn, key))
        if page is None:
            raise HTTPException(404, _NO_ARTICLE)
        return self._render(request, "article.html", page=page, article=page.article)

    def show_raw(self, revision_key: str) -> Response:
        """The archived document as plain text, so that a browser runs nothing in it."""
        key = _parse_key(revision_key)
        place = self._read(lambda conn: read_place(conn, key))
        if place is None:
            raise HTTPException(404, "The archive has no answer for this revision.")
        settings = self._warehouse.settings
        at = [(place.archive_file, place.archive_offset)]
        try:
            (body,) = read_bodies(settings.data_root, at, max_bytes=settings.fetch_max_bytes)
        except SilkwireError as exc:
            raise HTTPException(404, f"The archive cannot be read: {exc}") from exc
        raw = body.body[:_MAX_RAW_BYTES]
        try:
            return PlainTextResponse(raw.decode(place.encoding or "utf-8", "replace"))
        except LookupError:  # Python has no codec of this name
            return PlainTextResponse(raw.decode("utf-8", "replace"))

    def show_error(self, request: Request, exc: HTTPException) -> Response:
        code = exc.status_code
        return self._render(request, "error.html", code, sentence=exc.detail, status=code)

    @cached_property
    def _warehouse(self) -> ReadOnlyWarehouse:
        return ReadOnlyWarehouse(self._read_settings())

    def _read(self, read: Callable[[Any], Any]) -> Any:
        try:
            with self._warehouse.connect() as conn:
                return read(conn)
        except (SilkwireError, SQLAlchemyError) as exc:
            _log.exception("The warehouse cannot be read")
            sentence = "The warehouse does not answer. Run `silkwire status` to see why."
            raise HTTPException(503, sentence) from exc

    def _render(
        self, request: Request, name: str, status_code: int = 200, **values: Any
    ) -> Response:
        base = request.scope.get("root_path", "")
        html = self._templates.get_template(name).render(
            base=base, airflow=find_airflow(request), now=self._now(), **values
        )
        return HTMLResponse(html, status_code)


def _parse_key(text: str) -> int:
    is_number = len(text) <= _KEY_DIGITS and text.isascii() and text.isdigit()
    if not is_number or int(text) >= 2**63:
        raise HTTPException(404, _NO_ARTICLE)
    return int(text)
