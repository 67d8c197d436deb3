"""Who may connect: the owner by Unix socket, as any role; the reader by TCP, with a password."""

import os
import secrets
from dataclasses import dataclass

from silkwire.warehouse.embedded.folder import ServerFolder, user_name

DATABASE = "silkwire"
SUPERUSER = "postgres"
READER = f"{DATABASE}_reader"


def write_access(folder: ServerFolder, *, is_listening: bool) -> None:
    """Write `pg_hba.conf` and `pg_ident.conf`. With `is_listening`, the reader may use TCP.

    Both files belong to this process's user, so that the server's user cannot let others in.
    """
    owner = user_name(os.geteuid()).replace('"', '""')
    lines = ["local all all peer map=owner"]
    if is_listening:
        lines += [
            f"host {DATABASE} {READER} {net} scram-sha-256" for net in ("127.0.0.1/32", "::1/128")
        ]
    folder.hba.write_text("\n".join(lines) + "\n", "utf-8")
    folder.ident.write_text(f'owner "{owner}" all\n', "utf-8")
    for path in (folder.hba, folder.ident):
        path.chmod(0o644)  # its folder is private, or nobody can list it


@dataclass(frozen=True, slots=True)
class ReaderLogin:
    """What a BI tool needs to read the marts over TCP on this machine."""

    host: str
    port: int
    database: str
    user: str
    password: str

    @property
    def url(self) -> str:
        return f"postgresql://{self.user}:{self.password}@{self.host}:{self.port}/{self.database}"


def set_reader_password(folder: ServerFolder, superuser_url: str, port: int) -> ReaderLogin:
    """Make the reader's role if it is missing, and set the password kept in the server's folder."""
    import psycopg  # noqa: PLC0415  # so that `db url` need not import it
    from psycopg import sql  # noqa: PLC0415

    file = folder.path / "reader.password"
    if not file.exists():
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(24))
    password = file.read_text("ascii")
    with psycopg.connect(superuser_url, autocommit=True) as connection:
        found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [READER]).fetchone()
        connection.execute(
            sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                sql.SQL("CREATE" if found is None else "ALTER"),
                sql.Identifier(READER),
                sql.Literal(password),
            )
        )
        connection.execute(f"GRANT CONNECT ON DATABASE {DATABASE} TO {READER}")
    return ReaderLogin("127.0.0.1", port, DATABASE, READER, password)
