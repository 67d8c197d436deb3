"""Rows of `core.dim_ruleset`: known rulesets, when each was tried, and which is in force."""

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection

from silkwire.warehouse.statements import read_statements

_SQL = read_statements(__file__)


def register_ruleset(
    conn: Connection, version: str, thresholds: Mapping[str, float], *, now: datetime
) -> int:
    """The key of these rules, added if missing. This does not put them in force."""
    values = {"version": version, "now": now, "thresholds": json.dumps(dict(thresholds))}
    conn.execute(_SQL["register"], values)
    key: int = conn.execute(_SQL["key"], {"version": version}).scalar_one()
    return key


def note_trial(conn: Connection, version: str, *, now: datetime) -> None:
    """Store when the ruleset was last tried; once only for the ruleset in force."""
    conn.execute(_SQL["tried"], {"version": version, "now": now})


def find_in_force(conn: Connection) -> str | None:
    """The version of the rules that were adopted last; None before the first batch."""
    version: str | None = conn.execute(_SQL["in_force"]).scalar_one_or_none()
    return version


def find_versions(conn: Connection, beginning: str) -> list[str]:
    """The known versions that begin with `beginning`."""
    return list(conn.execute(_SQL["beginning"], {"beginning": beginning}).scalars())
