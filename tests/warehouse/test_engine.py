"""Connect to the warehouse: the embedded one or the user's."""

from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy import Engine

from silkwire.config import Settings, read_settings
from silkwire.errors import ConfigError, SilkwireError, WarehouseError
from silkwire.warehouse.engine import describe_url, open_engine, parse_url


@pytest.mark.parametrize(
    "scheme", ["postgres", "postgresql", "postgresql+psycopg", "postgresql+psycopg2"]
)
def test_every_spelling_means_psycopg_3(scheme: str) -> None:
    url = parse_url(f"{scheme}://u:p%40ss@db.example:5433/news?sslmode=require")
    assert url.drivername == "postgresql+psycopg"
    assert (url.username, url.password, url.host, url.port) == ("u", "p@ss", "db.example", 5433)
    assert (url.database, url.query) == ("news", {"sslmode": "require"})


@pytest.mark.parametrize("text", ["", "mysql://a:sesame@b/c", "postgresql", "sqlite:///sesame"])
def test_other_databases_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="must begin with postgresql://"):
        parse_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:sesame@127.0.0.1:1/db",
        "postgresql://u:ses%zzame@h:port/db",
        "postgresql://u@/db?host=/nowhere&password=sesame",
        "mysql://u:sesame@h/db",
    ],
)
def test_password_is_in_no_message(text: str) -> None:
    with pytest.raises(SilkwireError) as caught:
        open_engine(read_settings(warehouse_url=text))
    assert "sesame" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_place_is_described_without_the_password() -> None:
    url = parse_url("postgresql://u:sesame@h:5433/db")
    assert describe_url(url) == "u@h:5433/db"


def test_server_that_is_not_there_is_one_sentence() -> None:
    settings = read_settings(warehouse_url="postgresql://u@127.0.0.1:1/db")
    with pytest.raises(WarehouseError, match=r"^the warehouse u@127\.0\.0\.1:1/db cannot be reach"):
        open_engine(settings)


def test_database_that_is_not_there_is_one_sentence(warehouse_settings: Settings) -> None:
    assert warehouse_settings.warehouse_url is not None
    url = parse_url(warehouse_settings.warehouse_url.get_secret_value()).set(database="nowhere")
    with pytest.raises(WarehouseError, match='database "nowhere" does not exist'):
        open_engine(read_settings(warehouse_url=url.render_as_string(hide_password=False)))


def test_connections_speak_utc_and_say_who_they_are(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        zone, name, instant = connection.exec_driver_sql(
            "SELECT current_setting('timezone'), current_setting('application_name'),"
            " timestamptz '2026-01-01 08:00+08'"
        ).one()
    assert (zone, name) == ("UTC", "silkwire")
    assert instant == datetime(2026, 1, 1, tzinfo=UTC)
    assert instant.utcoffset().total_seconds() == 0


def test_time_zone_stays_utc_after_a_rollback(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        connection.exec_driver_sql("SELECT 1")
        connection.rollback()
        assert connection.exec_driver_sql("SHOW timezone").scalar_one() == "UTC"


def test_database_in_another_encoding_is_refused(admin: Engine) -> None:
    with admin.connect() as connection:
        connection.exec_driver_sql(
            "CREATE DATABASE latin OWNER silkwire ENCODING latin1 TEMPLATE template0"
            " LOCALE 'C' LOCALE_PROVIDER libc"
        )
    url = admin.url.set(username="silkwire", database="latin")
    with pytest.raises(WarehouseError, match="latin is in LATIN1; UTF8 is needed"):
        open_engine(read_settings(warehouse_url=url.render_as_string(hide_password=False)))


def test_connection_that_the_server_ended_is_replaced(warehouse: Engine, admin: Engine) -> None:
    with warehouse.connect() as connection:
        pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    with admin.connect() as other:
        other.exec_driver_sql(f"SELECT pg_terminate_backend({pid}, 5000)")
    with warehouse.connect() as connection:
        assert connection.exec_driver_sql("SELECT 1").scalar_one() == 1


def test_psycopg_is_the_driver(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        assert isinstance(connection.connection.driver_connection, psycopg.Connection)
