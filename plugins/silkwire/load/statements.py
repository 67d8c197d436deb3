"""Run the statements of one file in `load/sql`; SQLAlchemy binds their parameters."""

import re
from functools import cache
from pathlib import Path

from sqlalchemy import Connection, TextClause, text

_FOLDER = Path(__file__).with_name("sql")
_COPIED = re.compile(
    r"\bcore\.(fact_article|article_revision|fact_sighting|fact_topic_match|topic_evidence|dim_feed)\b"
    r"|\bops\.(quarantine)\b"
)


def run_file(
    conn: Connection,
    name: str,
    parameters: dict[str, object] | None = None,
    *,
    on_copies: bool = False,
) -> None:
    """Run every statement of `sql/<name>.sql`; each uses the `parameters` that it names.

    With `on_copies`, temporary tables of the same names replace those of core (`late.py`).
    """
    for statement in _statements(name, on_copies):
        names = statement.compile().params.keys()
        conn.execute(statement, {key: (parameters or {})[key] for key in names})


@cache
def _statements(name: str, on_copies: bool) -> tuple[TextClause, ...]:
    source = (_FOLDER / f"{name}.sql").read_text("utf-8")
    if on_copies:
        source = _COPIED.sub(r"pg_temp.\1\2", source)
    return tuple(text(part) for part in re.split(r";\n(?:\n|\Z)", source) if part.strip())
