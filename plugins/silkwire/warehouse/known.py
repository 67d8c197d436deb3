"""The values that `mart.known_values` knows of a kind, such as outlets, and names that are near."""

import difflib
from collections.abc import Collection

from sqlalchemy import Connection, text

from silkwire.errors import ConfigError

_NEAR, _SHOWN = 3, 20
_READ = text("SELECT value FROM mart.known_values WHERE kind = :kind ORDER BY value")


def read_known(connection: Connection, kind: str) -> list[str]:
    """The known values: all topics, outlets, languages, feeds, tags or scopes."""
    return list(connection.execute(_READ, {"kind": kind}).scalars())


def require_known(connection: Connection, kind: str, value: str) -> None:
    """Raise ConfigError, naming those that are near, if `value` is not known.

    While nothing of that kind is known at all, everything is accepted.
    """
    known = read_known(connection, kind)
    if known and value not in known:
        raise ConfigError(f'there is no {kind} "{value}"; {suggest(value, known)}')


def suggest(name: str, known: Collection[str]) -> str:
    """The known names that are near `name` or contain it, else all of them, or the first ones."""
    near = find_near(name, known)
    if near:
        quoted = " or ".join(f'"{one}"' for one in near)
        return f"did you mean {quoted}?"
    shown = list(known)[:_SHOWN]
    rest = len(known) - len(shown)
    return f"there are: {', '.join(shown)}" + (f" and {rest} more" if rest else "")


def find_near(name: str, known: Collection[str]) -> list[str]:
    """At most three known names that differ in case or a few letters, or contain the name."""
    folded: dict[str, str] = {}
    for one in known:
        folded.setdefault(one.casefold(), one)
    asked = name.strip().casefold()
    if asked in folded:
        return [folded[asked]]
    near = difflib.get_close_matches(asked, folded, n=_NEAR, cutoff=0.7)
    near += [one for one in folded if asked and asked in one and one not in near]
    return [folded[one] for one in near[:_NEAR]]
