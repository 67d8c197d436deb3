"""Rows of `core.dim_ruleset`: known rulesets, when each was tried, and which is in force."""

from datetime import datetime

from sqlalchemy import Connection, text


def register_ruleset(conn: Connection, version: str, *, now: datetime) -> int:
    """The key of these rules, added if missing. This does not put them in force."""
    values = {"version": version, "now": now}
    conn.execute(text(_REGISTER), values)
    key: int = conn.execute(text(_KEY), values).scalar_one()
    return key


def note_trial(conn: Connection, version: str, *, now: datetime) -> None:
    """Store when these rules were last tried; the ruleset in force keeps its first such time."""
    conn.execute(text(_TRIED), {"version": version, "now": now})


def find_in_force(conn: Connection) -> str | None:
    """The version of the rules that were adopted last; None before the first batch."""
    version: str | None = conn.execute(text(_IN_FORCE)).scalar_one_or_none()
    return version


def find_versions(conn: Connection, beginning: str) -> list[str]:
    """The known versions that begin with this prefix."""
    return list(conn.execute(text(_BEGINNING), {"beginning": beginning}).scalars())


_REGISTER = """
INSERT INTO core.dim_ruleset (version, first_used_at) VALUES (:version, :now)
ON CONFLICT (version) DO NOTHING
"""

_KEY = "SELECT ruleset_key FROM core.dim_ruleset WHERE version = :version"

_IN_FORCE = """
SELECT version FROM core.dim_ruleset WHERE adopted_at IS NOT NULL
ORDER BY adopted_at DESC, ruleset_key DESC LIMIT 1
"""

_TRIED = f"""
UPDATE core.dim_ruleset SET scored_at = :now
WHERE version = :version AND (scored_at IS NULL OR version IS DISTINCT FROM ({_IN_FORCE}))
"""  # noqa: S608 - only our own constants

_BEGINNING = """
SELECT version FROM core.dim_ruleset WHERE starts_with(version, :beginning) ORDER BY version
"""
