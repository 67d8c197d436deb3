"""Migrations and views on a real PostgreSQL; most tests write small ones of their own."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from silkwire.errors import WarehouseError
from silkwire.resources import SQL_DIR
from silkwire.warehouse.schema.marts import read_marts
from silkwire.warehouse.schema.migrate import require_current, upgrade


def ask(engine: Engine, question: str) -> list[tuple[object, ...]]:
    with engine.begin() as connection:
        found = connection.exec_driver_sql(question)
        return [tuple(row) for row in found] if found.returns_rows else []


def add_migration(sql_dir: Path, number: int, statement: str) -> None:
    before = f"{number - 1:04}" if number > 1 else None
    (sql_dir / "migrations" / "versions" / f"{number:04}_a.py").write_text(
        f"from alembic import op\nrevision = '{number:04}'\ndown_revision = {before!r}\n"
        f"def upgrade():\n    op.execute({statement!r})\n",
        "utf-8",
    )


@pytest.fixture
def sql_dir(tmp_path: Path) -> Path:
    """A folder like `sql/`, with one table and two views, in a path that is awkward."""
    folder = tmp_path / "50% of, «sql»"
    (folder / "migrations" / "versions").mkdir(parents=True)
    (folder / "marts").mkdir()
    shutil.copy(SQL_DIR / "migrations" / "env.py", folder / "migrations")
    add_migration(folder, 1, "CREATE SCHEMA mart; CREATE TABLE ops.t (n integer)")
    write_mart(folder, "base", "SELECT n, 'a%b' AS text FROM ops.t")
    write_mart(folder, "also", "SELECT n FROM mart.base")
    return folder


def write_mart(sql_dir: Path, name: str, query: str) -> None:
    text = f"-- What it's for: {name}.\nCREATE VIEW mart.{name} AS\n{query};\n"
    (sql_dir / "marts" / f"{name}.sql").write_text(text, "utf-8")


def test_empty_database_gets_tables_and_views(empty_database: Engine) -> None:
    assert upgrade(empty_database) is True
    made = ask(
        empty_database,
        "SELECT viewname::text FROM pg_views WHERE schemaname = 'mart'"
        " UNION SELECT proname FROM pg_proc WHERE pronamespace = 'mart'::regnamespace",
    )
    assert {name for (name,) in made} == {path.stem for path in SQL_DIR.glob("marts/*.sql")}
    heads = ask(empty_database, "SELECT version_num FROM ops.alembic_version")
    assert heads == [(max(re.findall(r"\d{4}", str(sorted(SQL_DIR.rglob("0*.py"))))),)]


def test_second_upgrade_does_nothing(warehouse: Engine) -> None:
    assert upgrade(warehouse) is False


def test_two_upgrades_at_once_do_it_once(empty_database: Engine) -> None:
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: upgrade(empty_database), range(2)))
    assert sorted(done) == [False, True]


def test_views_are_made_in_the_order_of_their_references(
    empty_database: Engine, sql_dir: Path
) -> None:
    assert [mart.name for mart in read_marts(sql_dir / "marts")] == ["base", "also"]
    upgrade(empty_database, sql_dir)
    assert ask(empty_database, "SELECT * FROM mart.also") == []


def test_first_comment_describes_the_view(empty_database: Engine, sql_dir: Path) -> None:
    upgrade(empty_database, sql_dir)
    described = ask(empty_database, "SELECT obj_description('mart.base'::regclass)")
    assert described == [("What it's for: base.",)]


def test_changed_view_is_made_anew_with_those_that_read_it(
    empty_database: Engine, sql_dir: Path
) -> None:
    upgrade(empty_database, sql_dir)
    write_mart(sql_dir, "base", "SELECT n::text AS n FROM ops.t")
    assert upgrade(empty_database, sql_dir) is True
    assert ask(empty_database, "SELECT pg_typeof(n)::text FROM mart.also") == []
    assert upgrade(empty_database, sql_dir) is False


def test_view_without_a_file_is_dropped(empty_database: Engine, sql_dir: Path) -> None:
    upgrade(empty_database, sql_dir)
    (sql_dir / "marts" / "also.sql").unlink()
    upgrade(empty_database, sql_dir)
    assert ask(empty_database, "SELECT to_regclass('mart.also')") == [(None,)]


def test_migration_may_change_a_column_that_a_view_reads(
    empty_database: Engine, sql_dir: Path
) -> None:
    upgrade(empty_database, sql_dir)
    add_migration(sql_dir, 2, "ALTER TABLE ops.t ALTER COLUMN n TYPE text")
    assert upgrade(empty_database, sql_dir) is True
    assert ask(empty_database, "SELECT version_num FROM ops.alembic_version") == [("0002",)]


def test_view_of_a_user_is_never_dropped(empty_database: Engine, sql_dir: Path) -> None:
    upgrade(empty_database, sql_dir)
    ask(empty_database, "CREATE SCHEMA desk; CREATE VIEW desk.mine AS SELECT n FROM mart.also")
    write_mart(sql_dir, "base", "SELECT n, 1 AS m FROM ops.t")
    with pytest.raises(WarehouseError, match=r"view desk\.mine depends on view mart\.also"):
        upgrade(empty_database, sql_dir)
    assert ask(empty_database, "SELECT n FROM desk.mine") == []


def test_failure_leaves_everything_as_it_was(empty_database: Engine, sql_dir: Path) -> None:
    upgrade(empty_database, sql_dir)
    add_migration(sql_dir, 2, "CREATE TABLE ops.u (n integer)")
    write_mart(sql_dir, "bad", "SELECT nothing FROM ops.u")
    with pytest.raises(WarehouseError, match=r"the view mart\.bad cannot be made"):
        upgrade(empty_database, sql_dir)
    assert ask(empty_database, "SELECT to_regclass('ops.u')") == [(None,)]
    assert ask(empty_database, "SELECT n FROM mart.also") == []


def test_database_of_a_newer_silkwire_is_refused(empty_database: Engine, sql_dir: Path) -> None:
    add_migration(sql_dir, 2, "SELECT 1")
    upgrade(empty_database, sql_dir)
    (sql_dir / "migrations" / "versions" / "0002_a.py").unlink()
    with pytest.raises(WarehouseError, match="was it made by a newer silkwire"):
        upgrade(empty_database, sql_dir)
    assert ask(empty_database, "SELECT n FROM mart.also") == []


def test_views_in_a_circle_are_refused(sql_dir: Path) -> None:
    write_mart(sql_dir, "base", "SELECT n FROM mart.also")
    with pytest.raises(WarehouseError, match="views read each other in a circle"):
        read_marts(sql_dir / "marts")


def test_view_of_another_name_than_its_file_is_refused(sql_dir: Path) -> None:
    (sql_dir / "marts" / "other.sql").write_text("CREATE VIEW mart.base AS SELECT 1", "utf-8")
    with pytest.raises(WarehouseError, match=r"must begin with CREATE VIEW mart\.other"):
        read_marts(sql_dir / "marts")


def test_empty_database_is_filled_when_it_is_needed(empty_database: Engine, sql_dir: Path) -> None:
    require_current(empty_database, may_upgrade=False, sql_dir=sql_dir)
    assert ask(empty_database, "SELECT n FROM mart.also") == []


def test_database_that_is_behind_is_upgraded_only_where_allowed(
    empty_database: Engine, sql_dir: Path
) -> None:
    upgrade(empty_database, sql_dir)
    add_migration(sql_dir, 2, "CREATE TABLE ops.u (n integer)")
    with pytest.raises(WarehouseError, match="run `silkwire db upgrade`"):
        require_current(empty_database, may_upgrade=False, sql_dir=sql_dir)
    require_current(empty_database, may_upgrade=True, sql_dir=sql_dir)
    assert ask(empty_database, "SELECT n FROM ops.u") == []
