"""Which other articles and outlets carry an article's text."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def read_copies(conn: Connection, article_key: int) -> Sequence[Row[Any]]:
    """All articles with this article's text, itself included; empty if no other article has it.

    The rows of `copies` in copies.sql; `reason` is None for the origin.
    """
    rows = conn.execute(_SQL["copies"], {"keys": [article_key]}).all()
    return rows if len(rows) > 1 else ()


def read_carriers(conn: Connection, article_keys: list[int]) -> Mapping[int, Sequence[str]]:
    """By article key, the other outlets whose feeds show its text, the earliest first."""
    carriers: dict[int, list[str]] = {}
    for row in conn.execute(_SQL["carriers"], {"keys": article_keys}):
        carriers.setdefault(row.shown_key, []).append(row.outlet)
    return carriers
