"""`<home>/airflow`, which only its user can read: Airflow's secrets, logs and process list."""

import base64
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from silkwire.errors import ConfigError

USER = "admin"


class AirflowHome:
    """The files in `<home>/airflow`, which is AIRFLOW_HOME."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.logs = folder / "logs"
        self.lock = folder / "up.lock"
        self.passwords = folder / "passwords.json"
        """The passwords of Airflow's simple auth manager: a JSON object, by user."""
        self.running = folder / "running.json"
        """The processes that run, so that an `up` finds those that a killed `up` left."""
        self.server_pid = folder / "server.pid"
        """The process id of a PostgreSQL that an `up` started, which this or a later `up` stops."""
        self.migrated = folder / "migrated.json"
        """The version of Airflow, and the revision to which it migrated its database."""


@dataclass(frozen=True, slots=True)
class AirflowSecrets:
    """Made once per home, so that logins and encrypted connections survive a restart."""

    fernet_key: str
    jwt_secret: str
    session_key: str
    password: str


def make_home(silkwire_home: Path) -> AirflowHome:
    """Raises ConfigError if the folder cannot be made or written."""
    home = AirflowHome(silkwire_home / "airflow")
    try:
        home.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        home.folder.chmod(0o700)
        home.logs.mkdir(exist_ok=True)
    except OSError as exc:
        raise ConfigError(f"SILKWIRE_HOME: {home.folder} cannot be used: {exc.strerror}") from exc
    return home


def keep_secrets(home: AirflowHome) -> AirflowSecrets:
    """Read this home's secrets; make those that are missing, in files of mode 0600."""
    return AirflowSecrets(
        # A Fernet key is 32 bytes in URL-safe base64 (cryptography.io/en/latest/fernet).
        fernet_key=_keep(home.folder / "fernet.key", base64.urlsafe_b64encode(os.urandom(32))),
        jwt_secret=_keep(home.folder / "jwt.key", secrets.token_urlsafe(48).encode()),
        session_key=_keep(home.folder / "session.key", secrets.token_urlsafe(48).encode()),
        password=_keep_password(home.passwords),
    )


def _keep_password(path: Path) -> str:
    fresh = {USER: secrets.token_urlsafe(12)}
    text = _keep(path, json.dumps(fresh).encode())
    try:
        return str(json.loads(text)[USER])
    except (ValueError, KeyError, TypeError) as exc:
        raise ConfigError(
            f"no password of {USER}: delete this file to get a new one", file=path
        ) from exc


def _keep(path: Path, fresh: bytes) -> str:
    """The text of `path`; `fresh`, which is written to it, if it is missing or empty."""
    if not path.exists() or not path.read_bytes().strip():
        partial = path.with_name(f".{path.name}.partial")
        partial.unlink(missing_ok=True)
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(fresh + b"\n")
        partial.rename(path)
    return path.read_text("utf-8").strip()
