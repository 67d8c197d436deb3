"""`silkwire db` as a user runs it: a process of its own, exit codes and all."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from silkwire.config import Settings, read_settings
from silkwire.warehouse.embedded.server import remove_server


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from silkwire.cli import main; main()", "db", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def _home(session_home: Path) -> Iterator[Path]:
    yield session_home / "cli"
    remove_server(read_settings(home=session_home / "cli"))


@pytest.fixture(autouse=True)
def _settings(_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKWIRE_HOME", str(_home))


def test_url_starts_the_server_and_is_one_that_psql_takes() -> None:
    done = run("url")
    assert done.returncode == 0
    assert done.stdout.startswith("postgresql://silkwire@/silkwire?host=")
    assert run("psql", "-Atc", "SELECT 1").stdout == "1\n"
    assert run("url").stdout == done.stdout


def test_stop_and_status_say_what_is() -> None:
    run("start")
    assert json.loads(run("status", "--json").stdout)["is_running"] is True
    assert run("stop").stdout == "stopped\n"
    assert run("stop").stdout == "was not running\n"
    assert run("status").stdout.splitlines()[0] == "not running"


def test_a_port_can_be_opened_on_a_new_home(
    session_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SILKWIRE_HOME", str(session_home / "port"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    done = run("start", "--port", str(port))
    remove_server(read_settings())
    assert (done.returncode, done.stderr) == (0, "")


def test_upgrade_twice_is_once() -> None:
    assert run("upgrade").stdout in ("upgraded\n", "already up to date\n")
    assert run("upgrade").stdout == "already up to date\n"


def test_backup_is_restored(tmp_path: Path) -> None:
    run("upgrade")
    run("psql", "-c", "INSERT INTO core.dim_outlet (outlet) VALUES ('The Paper')")
    assert run("backup", str(tmp_path / "a.dump")).returncode == 0
    assert "exists already" in run("backup", str(tmp_path / "a.dump")).stderr
    run("psql", "-c", "DELETE FROM core.dim_outlet")
    assert run("restore", str(tmp_path / "a.dump")).returncode == 0
    assert run("psql", "-Atc", "SELECT outlet FROM core.dim_outlet").stdout == "The Paper\n"
    assert run("upgrade").stdout == "already up to date\n"


def test_users_own_database_is_used_and_not_started(warehouse_settings: Settings) -> None:
    assert run("psql", "-Atc", "SELECT count(*) FROM mart.articles").stdout == "0\n"
    done = run("stop")
    assert (done.returncode, done.stdout) == (2, "")
    assert "SILKWIRE_WAREHOUSE_URL is set" in done.stderr


def test_unreachable_database_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL", "postgresql://u:sesame@127.0.0.1:1/db")
    done = run("upgrade")
    assert done.returncode == 1
    assert done.stderr.startswith("silkwire: the warehouse u@127.0.0.1:1/db cannot be reached")
    assert len(done.stderr.splitlines()) == 1
