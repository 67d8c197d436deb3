"""The embedded server, with real processes."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError, WarehouseError
from silkwire.warehouse.embedded import server
from silkwire.warehouse.embedded.binaries import is_usable
from silkwire.warehouse.embedded.folder import find_folder
from silkwire.warehouse.embedded.postmaster import read_postmaster
from silkwire.warehouse.engine import open_engine

START = (
    "from silkwire.config import read_settings; from silkwire.warehouse.embedded.server import *; "
)


@pytest.fixture(scope="module")
def _shared_home(session_home: Path) -> Iterator[Path]:
    yield session_home / "shared"
    server.remove_server(read_settings(home=session_home / "shared"))


@pytest.fixture
def settings(_shared_home: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """A home whose server other tests use too: each leaves one that can be started."""
    monkeypatch.setenv("SILKWIRE_HOME", str(_shared_home))
    return read_settings()


@pytest.fixture
def new_settings(
    session_home: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Settings]:
    """A home that does not exist yet."""
    monkeypatch.setenv("SILKWIRE_HOME", str(session_home / request.node.name))
    yield read_settings()
    server.remove_server(read_settings())


def connect(settings: Settings, user: str = "silkwire") -> psycopg.Connection:
    url = server.ensure_server(settings).replace("+psycopg", "").replace("silkwire@", f"{user}@")
    return psycopg.connect(url, autocommit=True)


def ask(settings: Settings, question: str) -> list[tuple[object, ...]]:
    with connect(settings) as connection:
        return connection.execute(question).fetchall()


def spawn(code: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def kill_server(settings: Settings) -> None:
    pid = server.server_status(settings).pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_server_starts_on_demand_and_is_left_running(new_settings: Settings) -> None:
    assert server.server_status(new_settings).is_running is False
    first = server.ensure_server(new_settings)
    pid = server.server_status(new_settings).pid
    assert server.ensure_server(new_settings) == first
    assert server.server_status(new_settings).pid == pid
    assert first.startswith("postgresql+psycopg://silkwire@/silkwire?host=%2F")


def test_database_is_as_promised(settings: Settings) -> None:
    rows = ask(
        settings,
        "SELECT pg_encoding_to_char(encoding), datlocprovider, datlocale, datcollate,"
        " current_setting('data_checksums'), current_setting('timezone'),"
        " current_setting('listen_addresses'), current_setting('server_version_num')::int / 10000"
        " FROM pg_database WHERE datname = current_database()",
    )
    assert rows == [("UTF8", "b", "C.UTF-8", "C", "on", "UTC", "", 18)]


def test_several_processes_start_one_server(new_settings: Settings) -> None:
    code = START + "s = read_settings(); ensure_server(s); print(server_status(s).pid)"
    starters = [spawn(code) for _ in range(5)]
    pids = {starter.communicate()[0] for starter in starters}
    assert pids == {f"{server.server_status(new_settings).pid}\n"}


def test_killed_user_leaves_no_lock_and_the_server_running(settings: Settings) -> None:
    ask(settings, "SELECT 1")
    user = spawn(
        START + "import psycopg, sys, time;"
        "c = psycopg.connect(ensure_server(read_settings()).replace('+psycopg', ''));"
        "c.execute('SELECT pg_advisory_lock(1)'); print('locked', flush=True); time.sleep(60)"
    )
    assert user.stdout is not None
    assert user.stdout.readline() == "locked\n"
    pid = server.server_status(settings).pid
    user.kill()
    user.communicate()
    assert ask(settings, "SELECT true FROM (SELECT pg_advisory_lock(1)) AS l") == [(True,)]
    assert server.server_status(settings).pid == pid


def test_killed_server_starts_again_with_what_was_committed(settings: Settings) -> None:
    with connect(settings) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS n")
    kill_server(settings)
    assert ask(settings, "SELECT n FROM kept") == [(7,)]


def test_killed_server_starts_again_while_its_query_still_runs(settings: Settings) -> None:
    busy = spawn(
        START + "import psycopg;"
        "c = psycopg.connect(ensure_server(read_settings()).replace('+psycopg', ''));"
        "print('busy', flush=True); c.execute('SELECT pg_sleep(60)')"
    )
    assert busy.stdout is not None
    assert busy.stdout.readline() == "busy\n"
    kill_server(settings)
    assert ask(settings, "SELECT 1") == [(1,)]
    busy.communicate()


def test_engine_waits_while_the_server_recovers(settings: Settings) -> None:
    with connect(settings) as connection:
        os.kill(connection.info.backend_pid, signal.SIGKILL)  # all of PostgreSQL restarts then
    engine = open_engine(settings)
    with engine.connect() as again:
        assert again.exec_driver_sql("SELECT 1").scalar_one() == 1
    engine.dispose()


def test_pid_file_that_names_another_process_is_stale(settings: Settings) -> None:
    server.ensure_server(settings)
    folder = find_folder(settings)
    assert folder is not None
    pid_file = (folder.data / "postmaster.pid").read_text("utf-8")
    kill_server(settings)
    lines = pid_file.splitlines(keepends=True)
    (folder.data / "postmaster.pid").write_text("".join([f"{os.getpid()}\n", *lines[1:]]), "utf-8")
    assert ask(settings, "SELECT 1") == [(1,)]


def test_start_that_was_killed_is_begun_again(new_settings: Settings) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", START + "ensure_server(read_settings())"], start_new_session=True
    )
    while not list(new_settings.home.glob("postgresql/data.partial")):
        time.sleep(0.005)
    os.killpg(starter.pid, signal.SIGKILL)
    starter.wait()
    assert ask(new_settings, "SELECT 1") == [(1,)]


def test_deleted_socket_is_made_again(settings: Settings) -> None:
    server.ensure_server(settings)
    folder = find_folder(settings)
    assert folder is not None
    postmaster = read_postmaster(folder)
    assert postmaster is not None
    Path(postmaster.socket).unlink()
    assert ask(settings, "SELECT 1") == [(1,)]


def test_stop_ends_the_server_once(settings: Settings) -> None:
    server.ensure_server(settings)
    assert server.stop_server(settings) is True
    assert server.server_status(settings).is_running is False
    assert server.stop_server(settings) is False


def test_home_that_was_deleted_starts_empty(new_settings: Settings) -> None:
    with connect(new_settings) as connection:
        connection.execute("CREATE TABLE old ()")
    shutil.rmtree(new_settings.home)
    assert ask(new_settings, "SELECT to_regclass('old')") == [(None,)]


@pytest.mark.parametrize("name", ["with spaces, 'quotes' and %s", "主目录 ünï", "long" * 30])
def test_home_may_have_any_path(
    session_home: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("SILKWIRE_HOME", str(session_home / name / "home"))
    monkeypatch.setenv("SILKWIRE_SERVER_DIR", str(session_home / name / "server"))
    settings = read_settings()
    try:
        assert ask(settings, "SELECT 1") == [(1,)]
        folder = find_folder(settings)
        assert folder is not None
        postmaster = read_postmaster(folder)
        assert postmaster is not None
        assert len(os.fsencode(postmaster.socket)) <= 107
    finally:
        server.remove_server(settings)
    assert not Path(postmaster.socket_dir).exists()


@pytest.mark.parametrize("locale", ["xx_XX.bogus", None])
def test_locale_of_the_user_does_not_matter(
    new_settings: Settings, monkeypatch: pytest.MonkeyPatch, locale: str | None
) -> None:
    for name in ("LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
        if locale is not None:
            monkeypatch.setenv(name, locale)
    assert ask(new_settings, "SELECT upper('é')") == [("É",)]


def test_binaries_under_a_path_that_a_shell_would_read_are_copied() -> None:
    assert is_usable(Path("/opt/it's 100% mine, 中文/bin")) is True
    assert is_usable(Path("/opt/$HOME/bin")) is False
    assert is_usable(Path('/opt/"my"/bin')) is False


def test_private_home_is_enough(new_settings: Settings) -> None:
    new_settings.home.mkdir(mode=0o700)
    assert ask(new_settings, "SELECT 1") == [(1,)]
    assert new_settings.home.stat().st_mode & 0o777 == 0o700


def test_foreign_data_folder_is_refused(new_settings: Settings) -> None:
    server.ensure_server(new_settings)
    server.stop_server(new_settings)
    folder = find_folder(new_settings)
    assert folder is not None
    (folder.data / "PG_VERSION").write_text("16\n", "ascii")
    with pytest.raises(WarehouseError, match="is from PostgreSQL 16, but silkwire brings 18"):
        server.ensure_server(new_settings)
    (folder.data / "PG_VERSION").unlink()
    with pytest.raises(WarehouseError, match="is not a data folder of PostgreSQL"):
        server.ensure_server(new_settings)


def test_home_that_is_a_file_is_refused(session_home: Path) -> None:
    (session_home / "a-file").write_text("")
    with pytest.raises(WarehouseError, match="a-file cannot be used"):
        server.ensure_server(read_settings(home=session_home / "a-file"))


def test_nobody_is_trusted(settings: Settings) -> None:
    server.ensure_server(settings)
    folder = find_folder(settings)
    assert folder is not None
    assert folder.hba.read_text("utf-8") == "local all all peer map=owner\n"
    assert (folder.data.stat().st_mode & 0o777) == 0o700
    postmaster = read_postmaster(folder)
    assert postmaster is not None
    assert (Path(postmaster.socket_dir).stat().st_mode & 0o777) == 0o700


def test_reader_logs_in_by_port_and_can_only_read(settings: Settings) -> None:
    login = server.listen_on_port(settings, free_port())
    assert login is not None
    with psycopg.connect(login.url, autocommit=True) as reader:
        assert reader.execute("SELECT current_user").fetchall() == [("silkwire_reader",)]
        for forbidden in ("CREATE TEMPORARY TABLE t ()", "CREATE TABLE t ()", "SELECT lo_creat(0)"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                reader.execute(forbidden)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(login.url.replace(login.password, "wrong"))
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry"):
        psycopg.connect(login.url.replace("silkwire_reader", "silkwire"))


def test_port_stays_until_it_is_ended_and_the_url_with_it(settings: Settings) -> None:
    url = server.ensure_server(settings)
    port = free_port()
    login = server.listen_on_port(settings, port)
    assert server.ensure_server(settings) == url
    assert ask(settings, "SELECT 1") == [(1,)]
    server.stop_server(settings)
    server.ensure_server(settings)
    assert server.server_status(settings).port == port
    assert server.listen_on_port(settings, port) == login
    assert server.listen_on_port(settings, 0) is None
    assert server.server_status(settings).port is None
    assert ask(settings, "SELECT 1") == [(1,)]


def test_port_in_use_is_refused_and_the_server_goes_on(settings: Settings) -> None:
    server.ensure_server(settings)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(WarehouseError, match="cannot be used: Address already in use"):
            server.listen_on_port(settings, other.getsockname()[1])
    with pytest.raises(ConfigError, match="the port must be 1024 to 65535"):
        server.listen_on_port(settings, 80)
    assert server.server_status(settings).is_running


def run_as_nobody(task: Callable[[], None]) -> bool:
    """Whether `task` ends without an exception in a child process that is the user nobody."""
    child = os.fork()
    if child == 0:
        with contextlib.suppress(BaseException):
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            task()
            os._exit(0)
        os._exit(1)
    return os.waitpid(child, 0)[1] == 0


if os.geteuid() == 0:

    def test_other_users_are_refused(settings: Settings) -> None:
        url = server.ensure_server(settings).replace("+psycopg", "")
        assert run_as_nobody(lambda: psycopg.connect(url).close()) is False

    def test_server_of_root_runs_as_another_user(settings: Settings) -> None:
        server.ensure_server(settings)
        folder = find_folder(settings)
        assert folder is not None
        postmaster = read_postmaster(folder)
        assert postmaster is not None
        assert Path(f"/proc/{postmaster.pid}").stat().st_uid == folder.uid != 0

    def test_user_who_is_not_root_has_a_server_too(
        new_settings: Settings, session_home: Path
    ) -> None:
        if not run_as_nobody(lambda: Path(server.__file__).stat()):
            pytest.skip("nobody but root may read this folder")
        server.ensure_server(new_settings)
        theirs = session_home / "nobody"
        theirs.mkdir()
        os.chown(theirs, 65534, 65534)

        def use_server() -> None:
            own = new_settings.model_copy(update={"home": theirs, "server_dir": None})
            assert ask(own, "SELECT current_user") == [("silkwire",)]
            server.remove_server(own)

        assert run_as_nobody(use_server)
