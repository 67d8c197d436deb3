"""The data dictionary, `sql/README.md`, made from the comments in the warehouse.

`python -m silkwire.warehouse.schema.dictionary` writes it from the warehouse of the settings, which
it upgrades first.
"""

from collections.abc import Iterator
from itertools import groupby

from sqlalchemy import Connection, Row

from silkwire.config import read_settings
from silkwire.resources import SQL_DIR
from silkwire.warehouse.engine import open_engine
from silkwire.warehouse.schema.migrate import upgrade
from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)
_HEAD = """\
# Data dictionary

Generated from the comments in the warehouse by `python -m silkwire.warehouse.schema.dictionary`.

`mart` holds stable views for people, `core` the star schema behind them, `ops` the state of the
pipeline. Columns: `*_at` is `timestamptz` in UTC, `is_*` boolean, `*_count` integer, `*_url` text,
`*_key` a surrogate key. Unknown is NULL.
"""


def describe_warehouse(conn: Connection) -> str:
    """The dictionary as Markdown: every table and view by schema, and the functions of `mart`."""
    sections = [_HEAD]
    for schema, columns in groupby(conn.execute(_SQL["columns"]), key=lambda row: row.schema_name):
        sections.append(f"## {schema}\n")
        for name, described in groupby(columns, key=lambda row: row.relation_name):
            lines = "\n".join(_describe_relation(list(described)))
            sections.append(f"### {schema}.{name}\n\n{lines}\n")
        if schema == "mart":
            sections += [
                f"### mart.{row.function_name}({row.arguments})\n\n"
                f"{row.function_comment}\n\nReturns `{row.result}`.\n"
                for row in conn.execute(_SQL["functions"])
            ]
    return "\n".join(sections)


def _describe_relation(columns: list[Row[tuple[object, ...]]]) -> Iterator[str]:
    if columns[0].relation_comment:
        yield f"{columns[0].relation_comment}\n"
    yield "| column | type | |\n|---|---|---|"
    for column in columns:
        required = "required" if column.is_required and not column.is_view else ""
        about = "; ".join(part for part in (required, column.column_comment) if part)
        yield f"| {column.column_name} | {column.column_type} | {about} |"


if __name__ == "__main__":
    engine = open_engine(read_settings())
    upgrade(engine)
    with engine.connect() as conn:
        (SQL_DIR / "README.md").write_text(describe_warehouse(conn), "utf-8")
