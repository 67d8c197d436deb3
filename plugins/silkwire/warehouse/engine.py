"""Connect to the warehouse: the user's PostgreSQL if one is set, else the embedded one."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, InterfaceError, OperationalError, SQLAlchemyError

from silkwire.config import Settings
from silkwire.errors import ConfigError, StorageError, WarehouseError
from silkwire.warehouse.embedded.server import ensure_server

_CONNECT_SECONDS = 5
_RECOVERY_SECONDS = 60.0
_MIN_VERSION = 14
_SCHEMES = frozenset({"postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"})
# Errors of the embedded server shortly after it or one of its processes was killed.
_PASSING = re.compile(
    "starting up|recovery mode|accepting connections|shutting down|closed the connection"
    "|refused|No such file"
)
_SECRET_PARAMETERS = frozenset({"password", "sslpassword"})


def open_engine(settings: Settings) -> Engine:
    """An engine whose connections use UTC, after a first connection has succeeded.

    Starts the embedded server if that is the warehouse and does not run. Raises ConfigError if the
    URL is invalid, and WarehouseError, without the password, if the server cannot be reached or is
    unsuitable.
    """
    if settings.warehouse_url is None:
        url = make_url(ensure_server(settings))
    else:
        url = parse_url(settings.warehouse_url.get_secret_value())
    engine = create_engine(
        url,
        pool_pre_ping=True,
        hide_parameters=True,  # logged errors must not show parameters: some are credentials
        connect_args={"application_name": "silkwire", "connect_timeout": _CONNECT_SECONDS}
        | dict(url.query),
    )
    event.listen(engine, "connect", _set_utc)
    try:
        _check_server(engine, settings)
    except BaseException:
        engine.dispose()
        raise
    return engine


@contextmanager
def explain_failures(engine: Engine) -> Iterator[None]:
    """Turn a lost connection into a WarehouseError, and a full disk into a StorageError."""
    try:
        yield
    except (OperationalError, InterfaceError, psycopg.OperationalError) as exc:
        place, reason = describe_url(engine.url), _find_reason(engine.url, exc)
        is_full = isinstance(getattr(exc, "orig", exc), psycopg.errors.DiskFull)
        error = StorageError if is_full else WarehouseError
        raise error(f"the warehouse {place} failed: {reason}") from exc


def parse_url(text: str) -> URL:
    """The URL `postgres://…` or `postgresql://…` for psycopg 3. Raises ConfigError."""
    scheme = text.split(":", 1)[0].lower()
    if scheme not in _SCHEMES or "://" not in text:
        raise ConfigError("SILKWIRE_WAREHOUSE_URL must begin with postgresql://")
    try:
        return make_url("postgresql+psycopg:" + text.split(":", 1)[1])
    except (ArgumentError, ValueError) as exc:
        # the cause's message may contain the password
        raise ConfigError(
            "SILKWIRE_WAREHOUSE_URL is not of the form postgresql://user:password@host:port/database"
        ) from exc


def describe_url(url: URL) -> str:
    """The URL without the password, as `user@host:port/database`, for messages."""
    host = url.host or str(url.query.get("host", "localhost"))
    port = f":{url.port}" if url.port else ""
    user = f"{url.username}@" if url.username else ""
    return f"{user}{host}{port}/{url.database or ''}"


def _check_server(engine: Engine, settings: Settings) -> None:
    version, encoding, is_replica = _ask_server(engine, settings)
    place = describe_url(engine.url)
    if version < _MIN_VERSION:
        raise WarehouseError(f"{place} is PostgreSQL {version}; {_MIN_VERSION} or later is needed")
    if encoding != "UTF8":
        raise WarehouseError(f"the database {place} is in {encoding}; UTF8 is needed")
    if is_replica:
        raise WarehouseError(f"{place} is a replica that cannot be written")


def _ask_server(engine: Engine, settings: Settings) -> tuple[int, str, bool]:
    """Read version and encoding, and whether the server is a replica. Waits during a restart of
    the embedded server."""
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        try:
            with engine.connect() as connection:
                version, encoding, is_replica = connection.exec_driver_sql(
                    "SELECT current_setting('server_version_num')::integer / 10000,"
                    " current_setting('server_encoding'), pg_is_in_recovery()"
                ).one()
                return version, encoding, is_replica
        except SQLAlchemyError as exc:
            is_ours = settings.warehouse_url is None
            if not is_ours or not _PASSING.search(str(exc)) or time.monotonic() > deadline:
                place, reason = describe_url(engine.url), _find_reason(engine.url, exc)
                raise WarehouseError(f"the warehouse {place} cannot be reached: {reason}") from exc
        time.sleep(0.1)
        ensure_server(settings)


def describe_error(exc: SQLAlchemyError) -> str:
    """PostgreSQL's message, or SQLAlchemy's if there is none, on one line."""
    return str(getattr(exc, "orig", None) or exc).strip().replace("\n", "; ")


def _find_reason(url: URL, exc: Exception) -> str:
    cause = str(getattr(exc, "orig", None) or exc)
    for name in _SECRET_PARAMETERS:
        secret = url.password if name == "password" and url.password else url.query.get(name)
        if secret:
            cause = cause.replace(str(secret), "***")
    lines = [line.strip() for line in cause.splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"failed|FATAL|error|timeout", line)]
    reason = (errors or lines or ["no reason given"])[0]
    return re.sub(r"^connection (failed|is bad): ", "", reason)


def _set_utc(connection: psycopg.Connection[object], _record: object) -> None:
    """Set UTC by a statement, because poolers such as PgBouncer refuse connection `options`."""
    was_autocommit, connection.autocommit = connection.autocommit, True
    connection.execute("SET TIME ZONE 'UTC'")
    connection.autocommit = was_autocommit
