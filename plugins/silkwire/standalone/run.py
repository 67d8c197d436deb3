"""Start PostgreSQL and Airflow in order, wait until Airflow is healthy, and stop both in order."""

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from silkwire.config import Settings
from silkwire.errors import SilkwireError
from silkwire.resources import DAGS_DIR, PLUGINS_DIR
from silkwire.standalone import components, health
from silkwire.standalone.components import Component
from silkwire.standalone.environment import HOST, airflow_environment
from silkwire.standalone.guard import hold_home, require_config, require_free, require_warehouse
from silkwire.standalone.home import USER, AirflowHome, keep_secrets, make_home
from silkwire.standalone.metadata import is_migrated, make_database, note_migration
from silkwire.warehouse.embedded.server import ensure_server, server_status, stop_server

DAG_ID = "ingest_feeds"
START_SECONDS = 300.0
_TICK_SECONDS = 0.5

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Login:
    """The url of Airflow's UI, and its user."""

    url: str
    user: str
    password: str


@dataclass(frozen=True, slots=True)
class Signals:
    """`stop` ends the run in order; `hurry` stops the wait for running tasks."""

    stop: threading.Event = field(default_factory=threading.Event)
    hurry: threading.Event = field(default_factory=threading.Event)


def run_airflow(
    settings: Settings, port: int, *, say: Say, greet: Callable[[Login], None], signals: Signals
) -> None:
    """Run Airflow until `signals.stop` is set, then stop everything that this started.

    Calls `greet` once Airflow is healthy. Raises ConfigError if the port is taken or a
    configuration file is wrong, WarehouseError if the warehouse cannot be used, and SilkwireError
    if a part of Airflow ends by itself or does not become healthy.
    """
    require_config(settings)
    home = make_home(settings.home)
    with hold_home(home):
        if components.stop_leftovers(home):
            say("Stopped processes that an earlier run had left")
        require_free(port)
        with _server(settings, home, say) as server_url:
            require_warehouse(settings)
            database_url, secrets = make_database(server_url), keep_secrets(home)
            environment = airflow_environment(
                os.environ,
                silkwire_home=settings.home,
                home=home,
                secrets=secrets,
                database_url=database_url,
                port=port,
                dags=DAGS_DIR,
                plugins=PLUGINS_DIR,
            )
            with _processes(home, environment, say, signals) as processes:
                processes.migrate(database_url)
                processes.start_all()
                processes.wait_until_healthy(port, secrets.password)
                if not signals.stop.is_set():
                    _prepare(port, secrets.password, say)
                    greet(Login(f"http://{HOST}:{port}", USER, secrets.password))
                processes.watch()


@dataclass(frozen=True, slots=True)
class _Processes:
    """Airflow's processes; each method returns early once `stop` is set."""

    home: AirflowHome
    environment: Mapping[str, str]
    say: Say
    stop: threading.Event
    started: list[Component] = field(default_factory=list)

    def migrate(self, database_url: str) -> None:
        if is_migrated(self.home, database_url):
            return
        self.say("Preparing Airflow's database")
        migration = self._start("db-migrate", ("db", "migrate"))
        while migration.process.poll() is None:
            if self.stop.wait(_TICK_SECONDS):
                return
        self.started.remove(migration)
        if migration.process.returncode != 0:
            cause = _name_cause(migration)
            raise SilkwireError(f"Airflow's database cannot be prepared: {cause}")
        note_migration(self.home, database_url)

    def start_all(self) -> None:
        for name, arguments in components.COMPONENTS.items():
            if not self.stop.is_set():
                self._start(name, arguments)

    def wait_until_healthy(self, port: int, password: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self.stop.is_set():
            self._require_alive()
            missing = health.list_missing(port)
            if not missing and _is_dag_read(port, password):
                return
            waiting_for = ", ".join(missing) or f"DAG {DAG_ID}"
            if time.monotonic() > deadline:
                raise SilkwireError(
                    f"Airflow is not healthy after {START_SECONDS:.0f} s, missing: {waiting_for}; "
                    f"see its logs in {self.home.logs}"
                )
            self.say(f"Waiting for Airflow: {waiting_for}")
            self.stop.wait(_TICK_SECONDS)

    def watch(self) -> None:
        """Wait for `stop`. Raises SilkwireError if a component ends before."""
        while not self.stop.wait(_TICK_SECONDS):
            self._require_alive()

    def _start(self, name: str, arguments: tuple[str, ...]) -> Component:
        component = components.start_component(self.home, name, arguments, self.environment)
        self.started.append(component)
        components.note_running(self.home, self.started)
        return component

    def _require_alive(self) -> None:
        for component in self.started:
            if component.process.poll() is not None:
                raise SilkwireError(f"Airflow's {component.name} ended: {_name_cause(component)}")


@contextmanager
def _processes(
    home: AirflowHome, environment: Mapping[str, str], say: Say, signals: Signals
) -> Iterator[_Processes]:
    processes = _Processes(home, environment, say, signals.stop)
    try:
        yield processes
    finally:
        say("Stopping Airflow; running tasks get a few seconds (Ctrl-C again stops them at once)")
        components.stop_components(processes.started, signals.hurry)
        home.running.unlink(missing_ok=True)
        say("Stopped Airflow")


@contextmanager
def _server(settings: Settings, home: AirflowHome, say: Say) -> Iterator[str]:
    """Run the embedded PostgreSQL; stop it at the end if this or a killed `up` started it."""
    status = server_status(settings)
    if not status.is_running:
        say("Starting PostgreSQL")
    try:
        url = ensure_server(settings)
        if not status.is_running:
            home.server_pid.write_text(str(server_status(settings).pid), "ascii")
        yield url
    finally:
        if _is_ours(settings, home) and stop_server(settings):
            home.server_pid.unlink()
            say("Stopped PostgreSQL")


def _is_ours(settings: Settings, home: AirflowHome) -> bool:
    pid = server_status(settings).pid
    return home.server_pid.exists() and home.server_pid.read_text("ascii") == str(pid)


def _is_dag_read(port: int, password: str) -> bool:
    """Whether Airflow parsed the DAG or failed to: `_prepare` then prints the import error."""
    token = health.sign_in(port, password)
    return token is not None and (
        health.has_dag(port, token, DAG_ID) or bool(health.list_import_errors(port, token))
    )


def _prepare(port: int, password: str, say: Say) -> None:
    token = health.sign_in(port, password)
    if token is None:
        raise SilkwireError("Airflow refuses the login: see its log api-server.log")
    health.make_pool(port, token)
    for error in health.list_import_errors(port, token):
        say(f"Airflow cannot import this DAG file: {error}")


def _name_cause(component: Component) -> str:
    return f"{components.read_last_line(component.log)} (see {component.log})"
