"""Read the SQL file next to a module, so that SQL is written, linted and read as SQL.

A file holds named statements. Each begins with a line such as `-- name: lease`; SQLAlchemy binds
its parameters.
"""

import re
from pathlib import Path

from sqlalchemy import TextClause, text

_NAME = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)


def read_statements(module_file: str) -> dict[str, TextClause]:
    """The statements, by name, in the `.sql` file beside the module whose `__file__` is given."""
    _, *parts = _NAME.split(Path(module_file).with_suffix(".sql").read_text("utf-8"))
    named = zip(parts[::2], parts[1::2], strict=True)
    return {name: text(statement.strip().removesuffix(";")) for name, statement in named}
