"""What the loader and the reader may do, and what each must not: tried as each of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError

from helpers.loading import Newsroom, entry
from silkwire.warehouse.schema.migrate import upgrade

REFUSED_TO_BOTH = [
    "CREATE TABLE mart.mine ()",
    "CREATE TABLE public.mine ()",
    "CREATE VIEW core.mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE ROLE mine",
    "CREATE FUNCTION ops.mine() RETURNS integer LANGUAGE sql RETURN 1",
    "ALTER TABLE core.fact_article ADD mine text",
    "DROP TABLE ops.fetch",
    "DROP VIEW mart.articles",
    "TRUNCATE core.fact_article",
    "UPDATE ops.alembic_version SET version_num = '0001'",
    "SELECT lo_creat(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_import('/etc/passwd')",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/mine'",
    "COPY core.dim_outlet (outlet) FROM PROGRAM 'echo x'",
    "SELECT rolpassword FROM pg_authid",
    "SET ROLE postgres",
]
REFUSED_TO_THE_READER = [
    "INSERT INTO core.dim_outlet (outlet) VALUES ('x')",
    "UPDATE ops.feed SET title = 'x'",
    "DELETE FROM ops.quarantine",
    "CREATE TEMPORARY TABLE mine ()",
    "SELECT * FROM ops.feed_secret",
    "SELECT * FROM ops.notification",
    "SELECT * FROM core.fact_article FOR UPDATE",
    "SELECT ops.create_partitions(now(), now())",
    "SELECT ops.drop_partitions(now())",
    "SELECT nextval('core.fact_article_article_key_seq')",
]


@pytest.fixture
def database(empty_database: Engine) -> Engine:
    upgrade(empty_database)
    return empty_database


@contextmanager
def connect_as(role: str, engine: Engine) -> Iterator[Connection]:
    """A connection with the rights of that role."""
    superuser = create_engine(engine.url.set(username="postgres"))
    with superuser.connect() as conn:
        conn.exec_driver_sql(f"SET SESSION AUTHORIZATION {engine.url.database}_{role}")
        conn.commit()
        yield conn
    superuser.dispose()


def is_refused(conn: Connection, statement: str) -> bool:
    try:
        conn.exec_driver_sql(statement)
    except DBAPIError as exc:
        return type(exc.orig).__name__ == "InsufficientPrivilege"
    finally:
        conn.rollback()
    return False


def test_reader_is_refused_everything_but_reading(database: Engine) -> None:
    with connect_as("reader", database) as conn:
        statements = [*REFUSED_TO_BOTH, *REFUSED_TO_THE_READER]
        assert [one for one in statements if not is_refused(conn, one)] == []


def test_reader_may_ask_every_mart_and_the_harmless_part_of_ops(database: Engine) -> None:
    with connect_as("reader", database) as conn:
        views = conn.execute(
            text("SELECT viewname FROM pg_views WHERE schemaname = 'mart' ORDER BY viewname")
        ).scalars()
        for view in views.all():
            conn.exec_driver_sql(f"SELECT * FROM mart.{view}")
        for table in ("core.article_revision", "ops.batch", "ops.fetch", "ops.quarantine"):
            conn.exec_driver_sql(f"SELECT * FROM {table}")


def test_loader_writes_rows_and_changes_no_table(database: Engine) -> None:
    with connect_as("loader", database) as conn:
        assert [one for one in REFUSED_TO_BOTH if not is_refused(conn, one)] == []
        conn.exec_driver_sql("INSERT INTO core.dim_outlet (outlet) VALUES ('The Meridian Post')")
        conn.exec_driver_sql("UPDATE core.dim_outlet SET outlet = 'Meridian'")
        conn.exec_driver_sql("CREATE TEMPORARY TABLE stage () ON COMMIT DROP")
        conn.exec_driver_sql("SELECT ops.create_partitions(now(), now())")
        conn.exec_driver_sql("DELETE FROM core.dim_outlet")


def test_loader_loads_a_batch(database: Engine) -> None:
    loader = create_engine(database.url.set(username="postgres"))

    @event.listens_for(loader, "connect")
    def become_loader(driver: psycopg.Connection, _: object) -> None:
        driver.execute(f'SET SESSION AUTHORIZATION "{database.url.database}_loader"')
        driver.commit()

    room = Newsroom(loader)
    feed = room.add_feed("one")
    assert room.load((feed, [entry("AI news")])).articles.inserted == 1
    assert room.load((feed, [entry("AI news of today")])).articles.revised == 1
    loader.dispose()


def test_roles_of_two_databases_on_one_server_do_not_meet(
    database: Engine, warehouse: Engine
) -> None:
    mine, other = database.url.database, warehouse.url.database
    question = text("SELECT has_database_privilege(:role, :database, 'CONNECT')")
    with database.connect() as conn:
        for role in ("loader", "reader"):
            name = f"{mine}_{role}"
            assert conn.execute(question, {"role": name, "database": mine}).scalar_one() is True
            assert conn.execute(question, {"role": name, "database": "silkwire"}).scalar() is False
    assert other != mine
