"""The data dictionary describes every table, view, column and function of the warehouse."""

from sqlalchemy import Engine, text

from helpers.places import ROOT
from silkwire.warehouse.schema.dictionary import describe_warehouse

README = ROOT / "sql" / "README.md"


def test_the_data_dictionary_is_that_of_the_warehouse(warehouse: Engine) -> None:
    with warehouse.connect() as conn:
        assert README.read_text("utf-8") == describe_warehouse(conn), (
            "run python -m silkwire.warehouse.schema.dictionary"
        )


def test_every_table_and_view_says_what_it_holds(warehouse: Engine) -> None:
    with warehouse.connect() as conn:
        silent = conn.execute(
            text(
                "SELECT oid::regclass::text FROM pg_class WHERE relkind IN ('r', 'p', 'v')"
                " AND NOT relispartition"
                " AND relnamespace IN ('mart'::regnamespace, 'core'::regnamespace,"
                " 'ops'::regnamespace) AND obj_description(oid, 'pg_class') IS NULL"
            )
        ).scalars()
        assert list(silent) == []


def test_every_column_and_every_function_says_what_it_is(warehouse: Engine) -> None:
    with warehouse.connect() as conn:
        silent = conn.execute(
            text(
                "SELECT attrelid::regclass || '.' || attname FROM pg_attribute AS attribute"
                " INNER JOIN pg_class AS relation ON relation.oid = attrelid"
                " WHERE relnamespace IN ('mart'::regnamespace, 'core'::regnamespace,"
                " 'ops'::regnamespace) AND relname <> 'alembic_version'"
                " AND relkind IN ('r', 'p', 'v') AND NOT relispartition"
                " AND attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL"
                " UNION ALL SELECT proname || '()' FROM pg_proc"
                " WHERE pronamespace = 'mart'::regnamespace"
                " AND coalesce(obj_description(oid, 'pg_proc'), '') = ''"
            )
        ).scalars()
        assert list(silent) == []
