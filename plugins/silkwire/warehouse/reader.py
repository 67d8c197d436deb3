"""The reader's login: a role that may read, over TCP on this machine, with a password."""

import os
import secrets
from dataclasses import dataclass

from silkwire.warehouse.embedded.cluster import DATABASE
from silkwire.warehouse.embedded.place import ServerPlace

READER = f"{DATABASE}_reader"


@dataclass(frozen=True, slots=True)
class ReaderLogin:
    """What a BI tool needs: it may read the marts, over TCP on this machine."""

    host: str
    port: int
    database: str
    user: str
    password: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"


def set_reader_password(place: ServerPlace, admin_url: str, port: int) -> ReaderLogin:
    """Make the role if need be, and give it the password kept in the server's folder.

    `admin_url` is the superuser's; `port` is where the reader will connect.
    """
    import psycopg  # noqa: PLC0415  # `db url` is quicker without it
    from psycopg import sql  # noqa: PLC0415

    if not place.reader_password.exists():
        handle = os.open(place.reader_password, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(24))
    password = place.reader_password.read_text("ascii")
    with psycopg.connect(admin_url, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [READER]).fetchone()
        change = "ALTER" if found is not None else "CREATE"
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL(change), sql.Identifier(READER), sql.Literal(password)
            )
        )
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {READER}")
    return ReaderLogin("127.0.0.1", port, DATABASE, READER, password)
