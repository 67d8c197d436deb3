"""The application: addresses to pages. Everything on a page that a publisher wrote is escaped."""

import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from silkwire.archive import read_bodies
from silkwire.config import Settings
from silkwire.errors import SilkwireError
from silkwire.newsroom.article import read_article, read_place
from silkwire.newsroom.filters import SCOPES, FilterError, parse_filters
from silkwire.newsroom.marks import find_direction
from silkwire.newsroom.reading import Reading
from silkwire.newsroom.signin import lead_to_sign_in
from silkwire.newsroom.today import read_choices, read_flow, read_today
from silkwire.newsroom.words import (
    count_noun,
    describe_age,
    describe_delay,
    describe_factor,
    describe_field,
    describe_scope,
    describe_topic,
    format_time,
    format_weight,
    is_web_url,
)

_log = logging.getLogger(__name__)
_HERE = Path(__file__).parent
_MAX_RAW_BYTES = 2_000_000
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
        " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
Clock = Callable[[], datetime]


def _read_clock() -> datetime:
    return datetime.now(UTC)


def create_newsroom(
    read_settings: Callable[[], Settings],
    *,
    dependencies: Sequence[Any] = (),
    sign_in_path: str | None = None,
    now: Clock = _read_clock,
) -> FastAPI:
    """The application. `dependencies` guard every page; a 401 of theirs leads to `sign_in_path`.

    Nothing is read and nothing connected before the first page is asked for. Style sheets and
    scripts are the same for everybody, and not guarded.
    """
    app = FastAPI(title="Newsroom", docs_url=None, redoc_url=None, openapi_url=None)
    pages = _Pages(read_settings, now)
    guards = [Depends(guard) for guard in dependencies]
    app.add_api_route("/", pages.show_today, dependencies=guards)
    app.add_api_route("/articles/{article_key}", pages.show_article, dependencies=guards)
    app.add_api_route("/revisions/{revision_key}/raw", pages.show_raw, dependencies=guards)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.middleware("http")(_add_headers)
    app.exception_handler(HTTPException)(_Errors(pages, sign_in_path).explain)
    return app


class _Pages:
    """One method a page; plain functions, which FastAPI runs in threads of their own."""

    def __init__(self, read_settings: Callable[[], Settings], now: Clock):
        self._read_settings = read_settings
        self._reading: Reading | None = None
        self._now = now
        self._templates = _open_templates()

    def show_today(self, request: Request) -> Response:
        try:
            filters = parse_filters(request.query_params)
        except FilterError as exc:
            raise HTTPException(400, str(exc)) from exc

        def read(conn: Any) -> dict[str, Any]:
            return {
                "today": read_today(conn, filters),
                "choices": read_choices(conn),
                "flow": read_flow(conn),
            }

        is_more = "HX-Request" in request.headers and filters.before is not None
        name = "items.html" if is_more else "today.html"
        return self.render(request, name, filters=filters, **self._read(read))

    def show_article(self, request: Request, article_key: str) -> Response:
        key = _parse_key(article_key)
        article = self._read(lambda conn: read_article(conn, key))
        if article is None:
            raise HTTPException(404, "There is no such article.")
        return self.render(request, "article.html", article=article)

    def show_raw(self, revision_key: str) -> Response:
        """The document as it came, as plain text: nothing in it is ever run."""
        key = _parse_key(revision_key)
        place = self._read(lambda conn: read_place(conn, key))
        if place is None:
            raise HTTPException(404, "The archive has no answer for this revision.")
        settings = self._open().settings
        at = [(place.archive_file, place.archive_offset)]
        try:
            (body,) = read_bodies(settings.data_root, at, max_bytes=settings.fetch_max_bytes)
        except SilkwireError as exc:
            raise HTTPException(404, f"The archive cannot be read: {exc}") from exc
        return PlainTextResponse(place.decode(body.body[:_MAX_RAW_BYTES]))

    def render(
        self, request: Request, name: str, status_code: int = 200, **values: Any
    ) -> Response:
        base = request.scope.get("root_path", "")
        html = self._templates.get_template(name).render(
            base=base, airflow=base.rpartition("/")[0], now=self._now(), **values
        )
        return HTMLResponse(html, status_code)

    def _open(self) -> Reading:
        if self._reading is None:
            self._reading = Reading(self._read_settings())
        return self._reading

    def _read(self, read: Callable[[Any], Any]) -> Any:
        try:
            with self._open().connect() as conn:
                return read(conn)
        except (SilkwireError, SQLAlchemyError) as exc:
            _log.exception("The warehouse cannot be read")
            sentence = "The warehouse does not answer. `silkwire status` says more."
            raise HTTPException(503, sentence) from exc


class _Errors:
    """Errors as pages; whoever is not signed in is sent to do so, if a browser asks."""

    def __init__(self, pages: _Pages, sign_in_path: str | None):
        self._pages = pages
        self._sign_in_path = sign_in_path

    async def explain(self, request: Request, exc: Exception) -> Response:
        assert isinstance(exc, HTTPException)
        if exc.status_code == HTTPStatus.UNAUTHORIZED and self._sign_in_path:
            led = lead_to_sign_in(request, self._sign_in_path)
            if led is not None:
                return led
        return self._pages.render(
            request, "error.html", exc.status_code, sentence=exc.detail, status=exc.status_code
        )


def _parse_key(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) >= 2**63:
        raise HTTPException(404, "There is no such article.")
    return int(text)


async def _add_headers(request: Request, call_next: Any) -> Response:
    response: Response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response


def _open_templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "age": describe_age,
        "count": count_noun,
        "delay": describe_delay,
        "factor": describe_factor,
        "field": describe_field,
        "scope": describe_scope,
        "time": format_time,
        "topic": describe_topic,
        "weight": format_weight,
        "direction": find_direction,
        "is_web": is_web_url,
    }
    environment.globals |= {"scopes": SCOPES, "release": version("silkwire")}
    for name in environment.list_templates():
        environment.get_template(name)  # compiled now, so that the first page is as quick as others
    return environment
