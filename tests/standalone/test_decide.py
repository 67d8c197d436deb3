"""What `silkwire up` decides and guards; the real thing is in `airflow/test_up.py`."""

import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from silkwire.errors import ConfigError
from silkwire.standalone.components import (
    Component,
    note_running,
    read_last_line,
    stop_components,
    stop_leftovers,
)
from silkwire.standalone.environment import airflow_environment
from silkwire.standalone.guard import hold_home, require_free
from silkwire.standalone.home import AirflowHome, keep_secrets, make_home

# ignores SIGTERM, as does its child, which sits in a process group of its own
_STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
if sys.argv[1] == "parent":
    child = subprocess.Popen([sys.executable, "-c", sys.argv[2], "child", ""], process_group=0)
    print(child.pid, flush=True)
else:
    time.sleep(600)
time.sleep(600)
"""


@pytest.fixture
def home(tmp_path: Path) -> AirflowHome:
    return make_home(tmp_path)


def build(home: AirflowHome, inherited: dict[str, str]) -> dict[str, str]:
    return airflow_environment(
        inherited,
        silkwire_home=home.folder.parent,
        home=home,
        secrets=keep_secrets(home),
        database_url="postgresql+psycopg://airflow@/airflow?host=%2Fsocket",
        port=8081,
        dags=Path("/dags"),
        plugins=Path("/plugins"),
    )


def start_stubborn(home: AirflowHome) -> tuple[Component, int]:
    command = [sys.executable, "-c", _STUBBORN, "parent", _STUBBORN]
    process = psutil.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
    child = int(process.stdout.readline())
    return Component("scheduler", process, home.logs / "scheduler.log"), child


def is_alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def test_options_for_another_airflow_are_left_out(home: AirflowHome) -> None:
    built = build(
        home, {"AIRFLOW_HOME": "/other", "AIRFLOW__CORE__PARALLELISM": "99", "AIRFLOW__A__B": "c"}
    )
    assert built["AIRFLOW_HOME"] == str(home.folder)
    assert built["AIRFLOW__CORE__PARALLELISM"] == "4"
    assert "AIRFLOW__A__B" not in built


def test_settings_of_silkwire_connections_and_variables_pass_through(home: AirflowHome) -> None:
    inherited = {
        "SILKWIRE_FETCH_DEADLINE": "5",
        "AIRFLOW_CONN_MAIL": "smtp://mail",
        "AIRFLOW_VAR_X": "1",
        "PATH": "/bin",
    }
    built = build(home, inherited)
    assert {name: built[name] for name in inherited} == inherited
    assert built["SILKWIRE_HOME"] == str(home.folder.parent)


def test_airflow_is_reached_on_loopback_alone_and_not_through_a_proxy(home: AirflowHome) -> None:
    built = build(home, {"HTTP_PROXY": "http://proxy:3128", "no_proxy": "intranet"})
    assert built["AIRFLOW__API__HOST"] == "127.0.0.1"
    assert built["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"] == "http://127.0.0.1:8081/execution/"
    assert built["NO_PROXY"] == built["no_proxy"] == "intranet,127.0.0.1,localhost,::1"


def test_secrets_are_private_and_kept(home: AirflowHome) -> None:
    first = keep_secrets(home)
    assert keep_secrets(home) == first
    assert len({first.fernet_key, first.jwt_secret, first.session_key, first.password}) == 4
    assert stat.S_IMODE(home.folder.stat().st_mode) == 0o700
    for path in (*home.folder.glob("*.key"), home.passwords):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_password_file_is_what_the_simple_auth_manager_reads(home: AirflowHome) -> None:
    password = keep_secrets(home).password
    assert json.loads(home.passwords.read_text("utf-8")) == {"admin": password}


def test_a_spoiled_password_file_is_named(home: AirflowHome) -> None:
    home.passwords.write_text("[]", "utf-8")
    with pytest.raises(ConfigError, match=r"passwords\.json: no password of admin"):
        keep_secrets(home)


def test_a_taken_port_is_refused_in_one_sentence() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(ConfigError, match=f"port {port} of 127.0.0.1 cannot be used"):
            require_free(port)


def test_a_home_is_run_once_at_a_time(home: AirflowHome) -> None:
    with hold_home(home), pytest.raises(ConfigError, match="running already"), hold_home(home):
        pass
    with hold_home(home):
        pass


def test_what_ignores_the_request_to_end_is_killed_with_its_children(home: AirflowHome) -> None:
    component, child = start_stubborn(home)
    hurry = threading.Event()
    hurry.set()
    stop_components([component], hurry)
    assert not is_alive(component.process.pid)
    assert not is_alive(child)


def test_what_a_killed_run_left_behind_is_stopped(home: AirflowHome) -> None:
    component, child = start_stubborn(home)
    note_running(home, [component])
    assert stop_leftovers(home) == 1
    assert not is_alive(component.process.pid)
    assert not is_alive(child)
    assert stop_leftovers(home) == 0


def test_a_process_that_got_the_number_of_ours_is_left_alone(home: AirflowHome) -> None:
    home.running.write_text(json.dumps([["scheduler", os.getpid(), time.time() - 1e6]]), "utf-8")
    assert stop_leftovers(home) == 0


def test_the_last_line_of_a_log_is_its_last_that_says_something(tmp_path: Path) -> None:
    log = tmp_path / "scheduler.log"
    log.write_bytes(b"first\nOSError: disk full\xff\n\n")
    assert read_last_line(log) == "OSError: disk full�"
