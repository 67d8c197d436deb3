"""Fixtures for all tests: a home of our own, and a real PostgreSQL that ends with the session.

The user's settings and data are out of reach: no `SILKWIRE_*` of the environment survives, and the
home is a new folder.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from silkwire.config import Settings, read_settings
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.migrate import upgrade
from silkwire.warehouse.server import remove_server

_NUMBERS = itertools.count(1)


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


@pytest.fixture(scope="session")
def _template(session_home: Path) -> Iterator[Engine]:
    """The session's server, its database `silkwire` migrated; nobody is connected to that one.

    What is yielded is for administration: it is connected to another database, as superuser.
    """
    engine = open_engine(read_settings())
    upgrade(engine)
    engine.dispose()
    url = engine.url.set(username="postgres", database="postgres")
    admin = create_engine(url, isolation_level="AUTOCOMMIT")
    yield admin
    admin.dispose()


@pytest.fixture
def warehouse_settings(
    _template: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    """Settings with a home and a migrated, empty database for this test alone.

    They stand in the environment too, for the command line and for child processes.
    """
    name = f"test_{next(_NUMBERS)}"
    with _template.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE silkwire OWNER silkwire")
    url = _template.url.set(username="silkwire", database=name)
    monkeypatch.setenv("SILKWIRE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", url.render_as_string(hide_password=False))
    yield read_settings()
    with _template.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def warehouse(warehouse_settings: Settings) -> Iterator[Engine]:
    """An engine on this test's own migrated, empty database."""
    engine = open_engine(warehouse_settings)
    yield engine
    engine.dispose()
