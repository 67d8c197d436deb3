"""A publisher, a server of our own, and warehouses that are copies of one another."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine, create_engine, make_url

from crash import stories
from crash.forks import Ended, Forks, Run
from helpers.feedserver import FeedServer
from silkwire.config import Settings, read_settings
from silkwire.resources import CONFIG_DIR
from silkwire.warehouse.embedded.postmaster import DEFAULT_PORT
from silkwire.warehouse.embedded.server import ensure_server, remove_server, server_status
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade

AT = datetime(2026, 3, 3, 8, 30, tzinfo=UTC)
"""When the batch runs that is killed."""
_DAY = timedelta(days=1)
_REACH = {
    "fetch_allow_private": "127.0.0.0/8",
    "fetch_host_pause": 0,
    "fetch_host_concurrency": 1,
    "parse_workers": 1,
}


@dataclass(frozen=True)
class Place:
    """A warehouse and its data folder, for one round alone."""

    folder: Path
    settings: Settings
    engine: Engine

    def plan(self, opml: Path, at: datetime = AT, *, name: str = "said", **more: Any) -> Run:
        """A run here; those at the same time have different names."""
        return Run(self.settings, opml, at, self.folder / name, **more)

    def through(self, port: int) -> "Place":
        """The same by a proxy's port on loopback."""
        assert self.settings.warehouse_url is not None
        url = make_url(self.settings.warehouse_url.get_secret_value())
        url = url.set(host="127.0.0.1", port=port, query={})
        secret = SecretStr(url.render_as_string(hide_password=False))
        return replace(self, settings=self.settings.model_copy(update={"warehouse_url": secret}))


class World:
    """What all rounds have in common; a context manager."""

    def __init__(self) -> None:
        self.forks = Forks()
        self._numbers = itertools.count(1)
        self._stack = ExitStack()

    def __enter__(self) -> "World":
        with ExitStack() as stack:
            self.folder = Path(tempfile.mkdtemp(prefix="silkwire-crash-", dir="/tmp"))
            stack.callback(shutil.rmtree, self.folder)
            self.folder.chmod(0o711)  # the server's user has to reach its own folder in it
            # rules that are edited during many rounds would be another batch
            config = shutil.copytree(CONFIG_DIR, self.folder / "config")
            self.home = read_settings(
                home=self.folder / "home",
                server_dir=self.folder / "server",
                server_fsync=False,
                config_dir=config,
                **_REACH,
            )
            stack.callback(remove_server, self.home)
            self._servers = [stack.enter_context(FeedServer()) for _ in range(2)]
            self._servers[1].is_conditional = False
            self.opml = self.write_opml("all", stories.NAMES)
            self._admin = self._open_admin()
            stack.callback(self._admin.dispose)
            self._live_two_days()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def write_opml(self, name: str, feeds: tuple[str, ...]) -> Path:
        outlines = "".join(
            f"<outline type='rss' text='{feed}' outlet='{feed}' xmlUrl='{self._url(feed)}'"
            f" {stories.DEDICATED.get(feed, '')}/>"
            for feed in feeds
        )
        file = self.folder / f"{name}.opml"
        file.write_text(f"<opml version='2.0'><body>{outlines}</body></opml>", "utf-8")
        return file

    @contextmanager
    def open_place(self, template: str = "two_days") -> Iterator[Place]:
        """A copy of the warehouse `template` and of its data folder."""
        place = self._make_place(f"round_{next(self._numbers)}", template)
        try:
            yield place
        finally:
            place.engine.dispose()
            self.admin(f"DROP DATABASE {place.folder.name} WITH (FORCE)")
            shutil.rmtree(place.folder)

    def run(self, run: Run) -> Ended:
        """A run that must succeed."""
        ended = self.forks.run(run)
        assert ended.exit_code == 0, ended.said
        return ended

    def start_server(self) -> None:
        """Start PostgreSQL again after somebody ended it."""
        ensure_server(self.home)

    def find_server(self) -> tuple[int, str]:
        """Process id and socket of PostgreSQL."""
        found = server_status(self.home)
        assert found.pid is not None
        folder = make_url(ensure_server(self.home)).query["host"]
        return found.pid, f"{folder}/.s.PGSQL.{DEFAULT_PORT}"

    def admin(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def _make_place(self, name: str, template: str) -> Place:
        self.admin(f"CREATE DATABASE {name} TEMPLATE {template} OWNER silkwire")
        folder = self.folder / name
        if (self.folder / template).exists():
            shutil.copytree(self.folder / template, folder)
        (folder / "tmp").mkdir(parents=True, exist_ok=True)
        url = self._admin.url.set(username="silkwire", database=name)
        secret = SecretStr(url.render_as_string(hide_password=False))
        settings = self.home.model_copy(
            update={"home": folder / "home", "warehouse_url": secret, "server_dir": None}
        )
        return Place(folder, settings, open_engine(settings))

    def _open_admin(self) -> Engine:
        engine = open_engine(self.home)
        upgrade(engine)
        engine.dispose()
        url = engine.url.set(username="postgres", database="postgres")
        return create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)

    def _live_two_days(self) -> None:
        """The first two states, into the warehouse that every round copies."""
        place = self._make_place("two_days", "silkwire")
        for state in range(stories.STATES):
            self._publish(state)
            if state < stories.STATES - 1:
                self.run(place.plan(self.opml, AT - (stories.STATES - 1 - state) * _DAY))
        place.engine.dispose()

    def _publish(self, state: int) -> None:
        for server in self._servers:
            server.documents = stories.documents(state)

    def _url(self, feed: str) -> str:
        return self._servers[feed in stories.ALWAYS_SENT].url(feed)
