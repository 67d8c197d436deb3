"""What the schema cannot say of rules: terms that match everything, groups that are not there."""

from collections.abc import Iterator
from typing import Any

from silkwire.markedyaml import MarkedYaml, Route
from silkwire.topics.lexicon import fold_term, is_word_character

_SHORTEST_PREFIX = 3
_EVERYDAY = (
    "the an and of to in on for is at by as it its from with that this be are was or not"
    " 的 了 在 是 和 与 有 为 不 一 中 年 月 日 称 将 对 于 上"
)
_EVERYWHERE = frozenset(_EVERYDAY.split())


def check_term(marked: MarkedYaml, route: Route, entry: dict[str, Any]) -> None:
    """Raise ConfigError for a term that is empty or that would be found in nearly every text."""
    written = entry["term"]
    pattern = fold_term(written.rstrip("*"))
    if not any(character.isalnum() for character in pattern):
        if not pattern and not written.strip():
            raise marked.fail(route, "a term is empty")
        raise marked.fail(route, f"term '{written}' has no letter: it would match everything")
    if "*" in written.rstrip("*") or written.count("*") > 1:
        raise marked.fail(route, f"term '{written}': only one * is possible, at the end")
    is_too_short = pattern in _EVERYWHERE or (len(pattern) == 1 and is_word_character(pattern))
    if written.endswith("*"):
        is_too_short |= len(pattern) < _SHORTEST_PREFIX and is_word_character(pattern[-1])
    if is_too_short:
        raise marked.fail(route, f"term '{written}' would match nearly everything")


def check_rules(marked: MarkedYaml) -> None:
    """Raise ConfigError for a rule that is there twice or names a group that is not there."""
    names: set[str] = set()
    for number, rule in enumerate(marked.data["rules"]):
        if rule["name"] in names:
            raise marked.fail(("rules", number, "name"), f"rule '{rule['name']}' is there twice")
        names.add(rule["name"])
    groups = marked.data["groups"]
    for route, part in _list_parts(marked.data):
        for name in part.split("|"):
            if name.strip() not in groups:
                raise marked.fail(route, f"group '{name.strip()}' is not there")


def _list_parts(data: dict[str, Any]) -> Iterator[tuple[Route, str]]:
    for number, parts in enumerate(data["candidates"]):
        for place, part in enumerate(parts):
            yield ("candidates", number, place), part
    for number, rule in enumerate(data["rules"]):
        for place, part in enumerate(rule["all"]):
            yield ("rules", number, "all", place), part
        if "unless" in rule:
            yield ("rules", number, "unless"), rule["unless"]
    for name, part in data.get("flags", {}).items():
        yield ("flags", name), part
