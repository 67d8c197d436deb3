"""Run the files of `load/sql`: set-based statements, one transaction, in the order of their names.

They are files because they are read as SQL; SQLAlchemy binds their parameters.
"""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, TextClause, text

_FOLDER = Path(__file__).with_name("sql")


def run_file(conn: Connection, name: str, parameters: dict[str, object] | None = None) -> None:
    """Run every statement of `sql/<name>.sql`; each takes those `parameters` that it names."""
    for statement in _statements(name):
        names = statement.compile().params.keys()
        conn.execute(statement, {key: (parameters or {})[key] for key in names})


@cache
def _statements(name: str) -> tuple[TextClause, ...]:
    source = (_FOLDER / f"{name}.sql").read_text("utf-8")
    return tuple(text(part) for part in re.split(r";\n(?:\n|\Z)", source) if part.strip())
