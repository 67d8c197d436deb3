"""Read and check `config/watches.yaml`; errors name the file and line of a mistake."""

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from silkwire.markedyaml import MarkedYaml, Route, read_yaml

FILE = "watches.yaml"
OPERATORS = "operators"
"""The name under which operators are notified of problems."""
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_VARIABLE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_LISTS = ("topics", "scopes", "words", "outlets", "to")
_SCOPES = ("inbound", "outbound", "domestic", "hkmo", "crossstrait")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where to send messages: an Apprise url, or `env:NAME` for a url that is secret."""

    text: str

    @property
    def key(self) -> str:
        """The destination's name in the warehouse: a digest, since the url may hold a password."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:16]

    @property
    def variable(self) -> str | None:
        found = _VARIABLE.fullmatch(self.text)
        return found[1] if found else None


@dataclass(frozen=True, slots=True)
class Watch:
    """Asks for texts with all of `topics`, and any of `scopes`, `words` and `outlets` if given."""

    name: str
    to: tuple[Destination, ...]
    topics: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    outlets: tuple[str, ...] = ()
    digest: time | None = None
    """Once a day at this time (UTC) instead of at once."""

    def find_time(self, found_at: datetime) -> datetime:
        """When to notify of a text that was found at `found_at`."""
        if self.digest is None:
            return found_at
        today = datetime.combine(found_at.astimezone(UTC), self.digest, UTC)
        return today if today > found_at else today + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WatchList:
    """All watches, and the destinations of the operators."""

    watches: tuple[Watch, ...] = ()
    operators: tuple[Destination, ...] = ()

    def find_destination(self, name: str, key: str) -> Destination | None:
        """The destination of a watch by its key; None if the file does not name it any more."""
        places = {watch.name: watch.to for watch in self.watches} | {OPERATORS: self.operators}
        return next((place for place in places.get(name, ()) if place.key == key), None)


def load_watches(config_dir: Path, topics: Collection[str]) -> WatchList:
    """Read the file; without one, there are no watches.

    Raises ConfigError with file and line for keys and values that are unknown, empty or of another
    type, and for a topic that is not among `topics`.
    """
    file = config_dir / FILE
    if not file.exists():
        return WatchList()
    marked = read_yaml(file)
    _check_keys(marked, (), marked.data, {"watches", OPERATORS})
    items = marked.data.get("watches") or []
    if not isinstance(items, list):
        raise marked.fail(("watches",), "'watches' must be a list")
    watches: list[Watch] = []
    for number, item in enumerate(items):
        watch = _read_watch(marked, ("watches", number), item, topics)
        if watch.name in {other.name for other in watches}:
            raise marked.fail(("watches", number, "name"), f"there are two named '{watch.name}'")
        watches.append(watch)
    operators = marked.data.get(OPERATORS) or {}
    _check_keys(marked, (OPERATORS,), operators, {"to"})
    to = _read_list(marked, (OPERATORS,), operators, "to")
    return WatchList(tuple(watches), _read_destinations(marked, (OPERATORS, "to"), to))


def _read_watch(marked: MarkedYaml, route: Route, item: Any, topics: Collection[str]) -> Watch:
    _check_keys(marked, route, item, {"name", "digest", *_LISTS})
    name = item.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name == OPERATORS:
        raise marked.fail((*route, "name"), "a watch needs a name of a-z, 0-9, - and _")
    values = {key: _read_list(marked, route, item, key) for key in _LISTS}
    if not values["to"]:
        raise marked.fail(route, f"{name}: `to` is empty; it says where to send notifications")
    if not any(values[key] for key in _LISTS[:-1]):
        raise marked.fail(
            route, f"{name} would notify of everything: give topics, words or outlets"
        )
    _check_known(marked, (*route, "topics"), values["topics"], topics, "topic")
    _check_known(marked, (*route, "scopes"), values["scopes"], _SCOPES, "scope")
    return Watch(
        name=name,
        to=_read_destinations(marked, (*route, "to"), values.pop("to")),
        digest=_read_digest(marked, (*route, "digest"), item.get("digest")),
        **values,
    )


def _check_keys(marked: MarkedYaml, route: Route, item: Any, known: set[str]) -> None:
    if not isinstance(item, Mapping):
        raise marked.fail(route, f"must hold: {', '.join(sorted(known))}")
    for key in item:
        if key not in known:
            message = f"'{key}' is not known; there are: {', '.join(sorted(known))}"
            raise marked.fail((*route, key), message)


def _read_list(
    marked: MarkedYaml, route: Route, item: Mapping[str, Any], key: str
) -> tuple[str, ...]:
    value = item.get(key)
    values = [] if value is None else value if isinstance(value, list) else [value]
    for number, text in enumerate(values):
        if not isinstance(text, str) or not text.strip():
            raise marked.fail((*route, key, number), f"'{key}' holds a value that is not text")
    return tuple(text.strip() for text in values)


def _check_known(
    marked: MarkedYaml, route: Route, values: tuple[str, ...], known: Collection[str], kind: str
) -> None:
    for number, value in enumerate(values):
        if value not in known:
            message = f"'{value}' is no {kind}; there are: {', '.join(sorted(known))}"
            raise marked.fail((*route, number), message)


def _read_destinations(
    marked: MarkedYaml, route: Route, texts: tuple[str, ...]
) -> tuple[Destination, ...]:
    for number, text in enumerate(texts):
        if "://" not in text and not _VARIABLE.fullmatch(text):
            message = "is neither an Apprise url (https://appriseit.com) nor env:NAME"
            raise marked.fail((*route, number), message)
    return tuple(Destination(text) for text in dict.fromkeys(texts))


def _read_digest(marked: MarkedYaml, route: Route, value: Any) -> time | None:
    if value is None:
        return None
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise marked.fail(route, 'a digest has a time of day in UTC, such as "08:00"')
    return time(int(found[1]), int(found[2]))
