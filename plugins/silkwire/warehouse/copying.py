"""COPY rows from Python into a table. They are streamed, so they are never all in memory."""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection

Row = Sequence[Any]


def copy_rows(conn: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """COPY `rows` into `table` (`name` or `schema.name`)."""
    driver = cast("psycopg.Connection[Any]", conn.connection.driver_connection)
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(*table.split(".")), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with driver.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
