"""Fixtures for all tests: a home of our own, and a real PostgreSQL that ends with the session.

The user's settings and data are out of reach: no `SILKWIRE_*` of the environment survives, and the
home is a new folder.
"""

import itertools
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import hypothesis
import pytest
from pydantic import SecretStr
from sqlalchemy import URL, Engine, create_engine
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from helpers.desk import Desk, open_desk
from helpers.feedserver import FeedServer
from helpers.forked_parsers import Nursery
from helpers.places import ROOT
from silkwire import childprocess
from silkwire.config import Settings, read_settings
from silkwire.warehouse.embedded.server import remove_server
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade

# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "tests", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")
_NUMBERS = itertools.count(1)


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores: tests wait for PostgreSQL and for processes."""
    return min(len(os.sched_getaffinity(0)) + 1, 5)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    return TogetherByModule(config, log)


class TogetherByModule(LoadScopeScheduling):
    """Tests go one by one to whichever process is free; those of a module that has a fixture for
    all of them go to one process together."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        return module if _has_module_fixture(module) else nodeid


@cache
def _has_module_fixture(module: str) -> bool:
    return 'scope="module"' in (ROOT / module).read_text("utf-8")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs no PostgreSQL comes first, then what is slow, so that no process ends alone with
    it."""
    items.sort(key=lambda item: (_needs_warehouse(item), item.get_closest_marker("slow") is None))


def _needs_warehouse(item: pytest.Item) -> bool:
    return isinstance(item, pytest.Function) and "admin" in item.fixturenames


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """A shell starts background jobs with SIGINT ignored, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def session_home() -> Iterator[Path]:
    """The session's `SILKWIRE_HOME`; as root, its server's user may reach what lies in it."""
    folder = Path(tempfile.mkdtemp(prefix="silkwire-tests-", dir="/tmp"))
    folder.chmod(0o711)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("SILKWIRE_")]:
            patch.delenv(name)
        patch.setenv("SILKWIRE_HOME", str(folder / "home"))
        patch.setenv("SILKWIRE_SERVER_DIR", str(folder / "server"))
        patch.setenv("SILKWIRE_SERVER_FSYNC", "off")
        yield folder
        remove_server(read_settings())
    shutil.rmtree(folder)


@pytest.fixture(scope="session", autouse=True)
def forked_parsers() -> Iterator[None]:
    """Parsers that this process starts are forked, but for those of `tests/parse/processes`."""
    with Nursery() as nursery, pytest.MonkeyPatch.context() as patch:
        patch.setattr(childprocess, "subprocess", nursery)
        yield


@pytest.fixture(scope="session")
def admin(session_home: Path) -> Iterator[Engine]:
    """The superuser's engine on the session's server, connected to the database `postgres`.

    The database `silkwire` there is migrated and is what `warehouse` copies: leave it alone.
    """
    engine = open_engine(read_settings())
    upgrade(engine)
    engine.dispose()
    url = engine.url.set(username="postgres", database="postgres")
    superuser = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
    yield superuser
    superuser.dispose()


@contextmanager
def _make_database(admin: Engine, template: str) -> Iterator[URL]:
    name = f"test_{next(_NUMBERS)}"
    with admin.connect() as connection:
        connection.exec_driver_sql(
            # copying files takes a third of what copying through the log takes
            f"CREATE DATABASE {name} TEMPLATE {template} OWNER silkwire STRATEGY file_copy"
        )
    yield admin.url.set(username="silkwire", database=name)
    with admin.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def warehouse_settings(
    admin: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings with a home and a migrated, empty database for this test alone.

    They stand in the environment too, for the command line and for child processes.
    """
    monkeypatch.setenv("SILKWIRE_HOME", str(tmp_path / "home"))
    with _make_database(admin, "silkwire") as url:
        monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", url.render_as_string(hide_password=False))
        yield read_settings()


@pytest.fixture
def warehouse(warehouse_settings: Settings) -> Iterator[Engine]:
    """An engine on this test's own migrated, empty database."""
    engine = open_engine(warehouse_settings)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def shared_settings(admin: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings with a home and a database that all tests of a module read; nobody writes there
    after the fixture that fills it. They stand nowhere in the environment."""
    with _make_database(admin, "silkwire") as url:
        secret = SecretStr(url.render_as_string(hide_password=False))
        yield read_settings(home=tmp_path_factory.mktemp("home"), warehouse_url=secret)


@pytest.fixture(scope="module")
def shared_warehouse(shared_settings: Settings) -> Iterator[Engine]:
    """An engine on the module's database."""
    engine = open_engine(shared_settings)
    yield engine
    engine.dispose()


@pytest.fixture
def empty_database(admin: Engine) -> Iterator[Engine]:
    """An engine on a database in which nothing has been created yet, this test's own."""
    with _make_database(admin, "template1") as url:
        engine = create_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def settings(warehouse_settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings that reach feeds on loopback, all of them at once."""
    del warehouse_settings
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_PAUSE", "0")
    monkeypatch.setenv("SILKWIRE_FETCH_HOST_CONCURRENCY", "100")
    return read_settings()


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with FeedServer() as feeds:
        yield feeds


@pytest.fixture
def desk(warehouse_settings: Settings, tmp_path: Path) -> Iterator[Desk]:
    """A publisher and batches of its feeds, at times of the test's choosing."""
    with open_desk(warehouse_settings, tmp_path) as opened:
        yield opened


@pytest.fixture
def in_shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's own time is eight hours east of UTC."""
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Shanghai")
        time.tzset()
        yield
    time.tzset()
