"""The data dictionary, `sql/README.md`, read from the warehouse's own comments.

`python -m silkwire.warehouse.schema.dictionary` writes it from a migrated warehouse.
"""

from collections.abc import Iterable
from itertools import groupby

from sqlalchemy import Connection, Row, text

from silkwire.config import read_settings
from silkwire.resources import SQL_DIR
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade

_COLUMNS = text("""
SELECT
    namespace.nspname AS schema_name,
    relation.relname AS relation_name,
    relation.relkind = 'v' AS is_view,
    obj_description(relation.oid, 'pg_class') AS relation_comment,
    attribute.attname AS column_name,
    format_type(attribute.atttypid, attribute.atttypmod) AS column_type,
    attribute.attnotnull AS is_required,
    col_description(relation.oid, attribute.attnum) AS column_comment
FROM pg_class AS relation
INNER JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
INNER JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
WHERE
    namespace.nspname IN ('mart', 'core', 'ops')
    AND relation.relkind IN ('r', 'v', 'p')
    AND NOT relation.relispartition
    AND relation.relname <> 'alembic_version'
    AND attribute.attnum > 0
    AND NOT attribute.attisdropped
ORDER BY
    array_position(ARRAY['mart', 'core', 'ops'], namespace.nspname::text),
    relation.relname,
    attribute.attnum
""")

_FUNCTIONS = text("""
SELECT
    function.proname AS function_name,
    pg_get_function_arguments(function.oid) AS arguments,
    pg_get_function_result(function.oid) AS result,
    obj_description(function.oid, 'pg_proc') AS function_comment
FROM pg_proc AS function
WHERE function.pronamespace = 'mart'::regnamespace
ORDER BY function.proname
""")

_HEAD = """\
# Data dictionary

Generated from the warehouse's comments: `python -m silkwire.warehouse.schema.dictionary`.

`mart` holds stable views for people, `core` the star behind them, `ops` how the pipeline is doing.
Columns: `*_at` is `timestamptz` in UTC, `is_*` boolean, `*_count` integer, `*_url` text, `*_key` a
surrogate key. Unknown is NULL.
"""


def describe_warehouse(conn: Connection) -> str:
    """The dictionary as Markdown: a section a schema, a table of columns for each relation,
    and the functions of `mart`."""
    rows = conn.execute(_COLUMNS).all()
    sections = [_HEAD]
    for schema, in_schema in groupby(rows, key=lambda row: row.schema_name):
        sections.append(f"## {schema}\n")
        for _, columns in groupby(in_schema, key=lambda row: row.relation_name):
            sections.append(_describe_relation(list(columns)))
        if schema == "mart":
            sections += [_describe_function(row) for row in conn.execute(_FUNCTIONS)]
    return "\n".join(sections)


def _describe_relation(columns: list[Row[tuple[object, ...]]]) -> str:
    first = columns[0]
    lines = [f"### {first.schema_name}.{first.relation_name}", ""]
    if first.relation_comment:
        lines += [first.relation_comment, ""]
    lines += ["| column | type | |", "|---|---|---|"]
    lines += _describe_columns(columns)
    return "\n".join(lines) + "\n"


def _describe_function(function: Row[tuple[object, ...]]) -> str:
    return (
        f"### mart.{function.function_name}({function.arguments})\n\n"
        f"{function.function_comment}\n\nReturns `{function.result}`.\n"
    )


def _describe_columns(columns: list[Row[tuple[object, ...]]]) -> Iterable[str]:
    for column in columns:
        required = "required" if column.is_required and not column.is_view else ""
        about = "; ".join(part for part in (required, column.column_comment) if part)
        yield f"| {column.column_name} | {column.column_type} | {about} |"


def write_dictionary() -> None:
    """Write `sql/README.md` from the warehouse of the settings, migrated first."""
    engine = open_engine(read_settings())
    upgrade(engine)
    with engine.connect() as conn:
        (SQL_DIR / "README.md").write_text(describe_warehouse(conn), "utf-8")


if __name__ == "__main__":
    write_dictionary()
