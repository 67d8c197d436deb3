"""`silkwire db restore`: on another server, with other roles, and of another version."""

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, create_engine, make_url, text

from helpers.loading import Newsroom, entry
from silkwire.cli.db.restore import _copy_dump
from silkwire.config import read_settings
from silkwire.warehouse.embedded.server import ensure_server, remove_server
from silkwire.warehouse.schema.migrate import upgrade

RIGHTS = """
SELECT format('%s %s', class.oid::regclass, acl.privilege_type) AS what, acl.grantee
FROM pg_class AS class, aclexplode(class.relacl) AS acl
WHERE class.relnamespace::regnamespace::text IN ('ops', 'core', 'mart')
UNION ALL SELECT format('%s %s', proc.oid::regprocedure, acl.privilege_type), acl.grantee
FROM pg_proc AS proc, aclexplode(coalesce(proc.proacl, acldefault('f', proc.proowner))) AS acl
WHERE proc.pronamespace::regnamespace::text IN ('ops', 'core', 'mart')
UNION ALL SELECT format('%s %s', nspname, acl.privilege_type), acl.grantee
FROM pg_namespace, aclexplode(nspacl) AS acl WHERE nspname IN ('ops', 'core', 'mart', 'public')
UNION ALL SELECT format('%s %s %s', defaclnamespace::regnamespace, defaclobjtype,
    acl.privilege_type), acl.grantee
FROM pg_default_acl, aclexplode(defaclacl) AS acl
"""


def read_rights(engine: Engine) -> set[tuple[str, str]]:
    """What each role may do; the name of a role without that of its database."""
    with engine.connect() as conn:
        rows = conn.execute(
            text(
                "SELECT what, replace(grantee::regrole::text, current_database(), '')"
                f" FROM ({RIGHTS}) AS rights WHERE grantee <> to_regrole(current_user)"
                " OR grantee = 0"
            )
        )
        return {(what, role) for what, role in rows}


def run(url: URL, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from silkwire.cli import main; main()", "db", *arguments]
    address = {"SILKWIRE_WAREHOUSE_URL": url.render_as_string(hide_password=False)}
    environment = os.environ | address
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


@pytest.fixture(scope="module")
def other_server(session_home: Path) -> Iterator[URL]:
    """A server with a superuser `admin` and the database `news` of `newsapp`, without our roles."""
    settings = read_settings(home=session_home / "other")
    url = make_url(ensure_server(settings))
    postgres = url.set(username="postgres", database="postgres")
    for name, statements in (
        ("postgres", ["CREATE ROLE admin SUPERUSER LOGIN"]),
        (
            "admin",
            [
                "DROP DATABASE silkwire",
                "DROP ROLE silkwire",
                "ALTER ROLE postgres RENAME TO landlord",
                "CREATE ROLE newsapp LOGIN CREATEROLE",
                "CREATE DATABASE news OWNER newsapp",
                "CREATE DATABASE made OWNER newsapp",
                "CREATE ROLE tenant LOGIN",
                "CREATE DATABASE rented OWNER tenant",
                "CREATE ROLE rented_reader LOGIN",
                "CREATE ROLE rented_loader LOGIN",
            ],
        ),
    ):
        engine = create_engine(postgres.set(username=name), isolation_level="AUTOCOMMIT")
        with engine.connect() as conn:
            for statement in statements:
                conn.exec_driver_sql(statement)
        engine.dispose()
    yield url.set(username="newsapp", database="news")
    remove_server(settings)


def read_titles(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(text("SELECT title FROM mart.articles ORDER BY 1")).scalars())


def test_a_backup_moves_to_a_server_with_other_roles_and_back(
    warehouse: Engine, other_server: URL, tmp_path: Path
) -> None:
    room = Newsroom(warehouse)
    room.load((room.add_feed("one"), [entry("AI news")]))
    there, back = str(tmp_path / "there.dump"), str(tmp_path / "back.dump")
    assert run(warehouse.url, "backup", there).returncode == 0
    done = run(other_server, "restore", there)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    moved = create_engine(other_server)
    assert read_titles(moved) == ["AI news"]
    assert run(other_server, "upgrade").stdout == "already up to date\n"

    # The roles may do what they may in a warehouse that was made there.
    made = create_engine(other_server.set(database="made"))
    upgrade(made)
    rights = read_rights(moved)
    assert rights == read_rights(made)
    assert ("core.fact_article SELECT", "_reader") in rights
    assert ("ops.drop_partitions(timestamp with time zone) EXECUTE", "_loader") in rights
    assert ("ops.drop_partitions(timestamp with time zone) EXECUTE", "-") not in rights
    made.dispose()

    assert run(other_server, "backup", back).returncode == 0
    moved.dispose()
    room.load((room.add_feed("two"), [entry("AI news of later", url="https://o.example/2")]))
    assert run(warehouse.url, "restore", back).returncode == 0
    assert read_titles(warehouse) == ["AI news"]
    with warehouse.connect() as conn:
        owner = conn.execute(
            text("SELECT tableowner FROM pg_tables WHERE tablename = 'fact_article'")
        ).scalar_one()
    assert owner == "silkwire"


def test_an_owner_who_may_not_create_roles_uses_those_that_an_administrator_made(
    other_server: URL,
) -> None:
    url = other_server.set(username="tenant", database="rented")
    assert run(url, "upgrade").stdout == "upgraded\n"
    reader = create_engine(url.set(username="rented_reader"))
    assert read_titles(reader) == []
    reader.dispose()


def test_a_backup_that_is_cut_short_changes_nothing(warehouse: Engine, tmp_path: Path) -> None:
    room = Newsroom(warehouse)
    room.load((room.add_feed("one"), [entry("AI news")]))
    whole, cut = tmp_path / "whole.dump", tmp_path / "cut.dump"
    run(warehouse.url, "backup", str(whole))
    cut.write_bytes(whole.read_bytes()[:-2000])
    done = run(warehouse.url, "restore", str(cut))
    assert done.returncode == 1
    assert done.stderr.startswith("silkwire: nothing was restored: ")
    assert read_titles(warehouse) == ["AI news"]


def test_tables_that_the_backup_does_not_know_go_and_a_users_own_view_stays(
    warehouse: Engine, tmp_path: Path
) -> None:
    file = str(tmp_path / "a.dump")
    run(warehouse.url, "backup", file)
    with warehouse.begin() as conn:
        conn.exec_driver_sql("CREATE TABLE ops.of_a_later_version (feed_key bigint)")
    assert run(warehouse.url, "restore", file).returncode == 0
    with warehouse.begin() as conn:
        assert conn.execute(text("SELECT to_regclass('ops.of_a_later_version')")).scalar() is None
        conn.exec_driver_sql("CREATE SCHEMA mine CREATE VIEW v AS SELECT * FROM mart.articles")
    done = run(warehouse.url, "restore", file)
    assert done.returncode == 1
    assert done.stderr == (
        "silkwire: nothing was restored: your own mine.v would be lost: it reads the warehouse, and"
        " the backup does not have it. Keep its definition, drop it, and restore again\n"
    )
    with warehouse.connect() as conn:
        assert conn.execute(text("SELECT count(*) FROM mine.v")).scalar() == 0


def test_a_setting_that_older_servers_do_not_know_is_left_out_and_rows_are_not_touched() -> None:
    setting = b"SET transaction_timeout = 0;\n"
    dump = b"--\n" + setting + b"SET row_security = off;\nCOPY t FROM stdin;\n" + setting
    copied = io.BytesIO()
    _copy_dump(io.BytesIO(dump), copied)
    assert copied.getvalue() == b"--\nSET row_security = off;\nCOPY t FROM stdin;\n" + setting
