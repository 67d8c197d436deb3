"""Airflow plugin: the Newsroom and Data Docs in Airflow's UI, behind Airflow's login.

Every process of Airflow imports this file, so it imports the pages only when one is asked for.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin


def guard() -> dict[str, Any]:
    """The guard of our pages: permission to view Airflow's website. The pages are read-only."""
    from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
    from airflow.api_fastapi.core_api.security import requires_access_view

    return {
        "dependencies": [requires_access_view(AccessView.WEBSITE)],
        "sign_in_path": "/api/v2/auth/login",
    }


def create_newsroom() -> Any:
    from silkwire.config import read_settings
    from silkwire.newsroom import create_newsroom

    return create_newsroom(read_settings, **guard())


def create_data_docs() -> Any:
    from silkwire.config import read_settings
    from silkwire.newsroom.datadocs import create_data_docs

    return create_data_docs(read_settings, **guard())


def serve(create: Callable[[], Any]) -> Callable[..., Any]:
    """An ASGI application that `create` makes at its first request."""
    create_once = cache(create)

    async def answer(scope: Any, receive: Any, send: Any) -> None:
        await create_once()(scope, receive, send)

    return answer


class SilkwirePlugin(AirflowPlugin):
    """Mounts `/newsroom/` and `/data-docs/` and adds both to the navigation."""

    name = "silkwire"
    fastapi_apps: ClassVar[list[Any]] = [
        {"name": "Newsroom", "url_prefix": "/newsroom", "app": serve(create_newsroom)},
        {"name": "Data Docs", "url_prefix": "/data-docs", "app": serve(create_data_docs)},
    ]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Newsroom",
            "href": "/newsroom/",
            "destination": "nav",
            "url_route": "newsroom",
            "icon": "/newsroom/static/newsroom.svg",
        },
        {
            "name": "Data Docs",
            "href": "/data-docs/",
            "destination": "nav",
            "url_route": "data-docs",
            "icon": "/data-docs/icon.svg",
        },
    ]
