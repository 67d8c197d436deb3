"""docker/compose.yaml carried out as plain processes on loopback, in a folder.

Its services run with their own commands, environments and secrets, from what `image.py` made of the
Dockerfile. Foreign images have stand-ins: Debian's PostgreSQL and Redis, and moto for the object
store. Where containers have a network name and a port of their own, processes share 127.0.0.1 and
have a port each; that, and nothing else, is rewritten.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, Self

import psutil
import psycopg
import yaml
from image import CHECKOUT, Image

COMPOSE = CHECKOUT / "docker" / "compose.yaml"
POSTGRES_BIN = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None)
REDIS = shutil.which("valkey-server") or shutil.which("redis-server")
AIRFLOW_PARTS = ("api-server", "scheduler", "dag-processor", "triggerer")
# a container has these ports for itself; here they would be open to other machines, or taken
_ONE_MACHINE = {
    "AIRFLOW__API__HOST": "127.0.0.1",
    "AIRFLOW__API__WORKERS": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_HOST": "127.0.0.1",
}
_NO_LOG_SERVER = ("triggerer", "celery")


class Composed:
    """A context manager: all services up and healthy on entering, none left on leaving.

    `settings` are added to the environment of every service of Airflow.
    """

    def __init__(self, image: Image, settings: dict[str, str]) -> None:
        self.image, self.settings = image, settings
        self.folder = image.root / "services"
        self.folder.mkdir(exist_ok=True)
        self.services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"]
        names = ("postgres:5432", "valkey:6379", "objects:8333", "api-server:8080", "health:8974")
        self.addresses = {name: f"127.0.0.1:{find_free_port()}" for name in names}
        self.running: dict[str, psutil.Popen] = {}
        self._stack = ExitStack()

    def port(self, name: str) -> str:
        return self.addresses[name].rpartition(":")[2]

    def secret(self, name: str) -> str:
        return (self.image.root / "run" / "secrets" / name).read_text("utf-8").strip()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.callback(self._stop_all)
            self._make_secrets()
            self._start_stores()
            self._run_init()
            for name in AIRFLOW_PARTS:
                self.start(name)
            wait_until(lambda: self.is_healthy("api-server"), "the API server answers")
            for number in range(self.services["worker"]["deploy"]["replicas"]):
                self.start_worker(number)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def start(self, name: str, service: str | None = None, *more: str) -> None:
        """Start `service`'s command as `name`, with a log of that name."""
        service = service or name
        command = [*self.services[service]["command"], *more]
        if set(_NO_LOG_SERVER) & set(command):
            command.append("--skip-serve-logs")
        self._spawn(name, command, self.environment(service))

    def start_worker(self, number: int) -> None:
        name = f"worker-{number}"
        place = ("--celery-hostname", f"{name}@%h", "--pid", str(self.folder / f"{name}.pid"))
        self.start(name, "worker", *place)

    def kill(self, name: str) -> None:
        """As when its machine loses power: the process and all that it started, at once."""
        process = self.running.pop(name)
        family = [process, *process.children(recursive=True)]
        for member in family:
            with suppress(psutil.NoSuchProcess):
                member.kill()
        psutil.wait_procs(family, timeout=10)
        (self.folder / f"{name}.pid").unlink(missing_ok=True)

    def find_owner(self, local_port: int) -> str:
        """The service that holds the connection from this port of 127.0.0.1."""
        for name, process in self.running.items():
            for member in [process, *process.children(recursive=True)]:
                with suppress(psutil.Error):
                    for used in member.net_connections("tcp"):
                        if used.laddr.port == local_port and used.status == "ESTABLISHED":
                            return name
        raise LookupError(f"nobody holds port {local_port}")

    def environment(self, service: str) -> dict[str, str]:
        given = self.services[service].get("environment", {})
        composed = {name: self._rewrite(str(value)) for name, value in given.items()}
        ports = {
            "AIRFLOW__API__PORT": self.port("api-server:8080"),
            "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": self.port("health:8974"),
        }
        loopback = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        ours = self.image.environment | composed | ports | _ONE_MACHINE | loopback
        return ours | {"HOME": self.image.place("/opt/airflow")} | self.settings

    def is_healthy(self, name: str) -> bool:
        """What the image's health check says."""
        check = self.image.place("/opt/silkwire/docker/healthcheck.py")
        command = ["python", check, *self.services[name]["command"]]
        environment = self.environment(name)
        done = subprocess.run(command, env=environment, check=False, executable=self._python)
        return done.returncode == 0

    def connect(self, secret: str) -> psycopg.Connection[Any]:
        """To the database whose URL is this secret."""
        url = self.secret(secret).replace("+psycopg", "")
        return psycopg.connect(url, autocommit=True)

    def run(self, service: str, *command: str) -> str:
        """What a command prints in one of the service's containers."""
        done = subprocess.run(
            [Path(self._python).with_name(command[0]), *command[1:]],
            env=self.environment(service),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def read_log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text("utf-8", "replace")

    @property
    def _python(self) -> str:
        return self.image.place("/opt/silkwire/venv/bin/python")

    def _rewrite(self, text: str) -> str:
        """Defaults of `${NAME:-default}`, addresses and paths as they are here."""
        text = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
        for name, address in self.addresses.items():
            text = text.replace(name, address)
        return self.image.place(text)

    def _make_secrets(self) -> None:
        folder = self.image.root / "run" / "secrets"
        script = CHECKOUT / "docker" / "make-secrets.sh"
        subprocess.run(["sh", script, folder], check=True)
        for file in folder.iterdir():
            text = self._rewrite(file.read_text("utf-8"))
            file.chmod(0o600)
            file.write_text(text, "utf-8")

    def _start_stores(self) -> None:
        self._start_postgres()
        command = [str(REDIS), str(self.image.root / "run/secrets/valkey_conf")]
        place = ("--bind", "127.0.0.1", "--port", self.port("valkey:6379"), "--dir", self.folder)
        self._spawn("valkey", [*command, *map(str, place)], {"PATH": os.environ["PATH"]})
        moto = "from moto.server import main; main()"
        listen = ("-H", "127.0.0.1", "-p", self.port("objects:8333"))
        self._spawn("objects", [sys.executable, "-c", moto, *listen], dict(os.environ))
        for address in self.addresses["valkey:6379"], self.addresses["objects:8333"]:
            wait_until(lambda address=address: _listens(address), f"{address} listens")

    def _start_postgres(self) -> None:
        assert POSTGRES_BIN is not None
        data = self.folder / "postgres"
        data.mkdir()
        as_user: dict[str, Any] = {}
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []}
            shutil.chown(data, "nobody")
        initdb = [POSTGRES_BIN / "initdb", "-D", data, "-U", "postgres", "--no-sync", "-A", "scram"]
        password = self.folder / "postgres.password"
        password.write_text(self.secret("postgres_password"), "utf-8")
        password.chmod(0o644)
        initdb[-1] = "scram-sha-256"
        checksums = self.services["postgres"]["environment"]["POSTGRES_INITDB_ARGS"]
        subprocess.run(
            [*initdb, "--pwfile", password, "--locale", "C.UTF-8", "-E", "UTF8", checksums],
            check=True,
            stdout=subprocess.DEVNULL,
            **as_user,
        )
        listen = ("-h", "127.0.0.1", "-p", self.port("postgres:5432"), "-k", "", "-F")
        command = [str(POSTGRES_BIN / "postgres"), "-D", str(data), *listen]
        self._spawn("postgres", command, {"PATH": os.environ["PATH"]}, **as_user)
        ready = [POSTGRES_BIN / "pg_isready", "-q", "-h", "127.0.0.1", "-p", listen[3]]
        wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL is up")
        secrets = self.image.root / "run" / "secrets"
        environment = {
            "PATH": os.environ["PATH"],
            "POSTGRES_USER": "postgres",
            "PGHOST": "127.0.0.1",
            "PGPORT": listen[3],
            "PGPASSWORD": self.secret("postgres_password"),
            "AIRFLOW_PASSWORD_FILE": str(secrets / "airflow_database_password"),
            "WAREHOUSE_PASSWORD_FILE": str(secrets / "warehouse_password"),
        }
        script = CHECKOUT / "docker" / "postgres-init.sh"
        subprocess.run(["sh", script], env=environment, check=True)

    def _run_init(self) -> None:
        self.start("init")
        code = self.running.pop("init").wait()
        assert code == 0, self.read_log("init")

    def _spawn(
        self, name: str, command: Iterable[str], environment: dict[str, str], **options: Any
    ) -> None:
        words = [self.image.place(word) for word in command]
        found = shutil.which(words[0], path=environment["PATH"])
        assert found is not None, words[0]
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = psutil.Popen(
                [found, *words[1:]],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
                **options,
            )

    def _stop_all(self) -> None:
        for name in reversed(list(self.running)):  # the stores last
            self.kill(name)


def wait_until(is_true: Callable[[], bool], what: str, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < deadline, f"after {seconds} s not: {what}"
        time.sleep(0.3)


def find_free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def _listens(address: str) -> bool:
    host, _, port = address.partition(":")
    with suppress(OSError), socket.create_connection((host, int(port)), timeout=1):
        return True
    return False
