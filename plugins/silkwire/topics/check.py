"""Check the rules of a topic: against `ruleset.schema.json`, then what a schema cannot express."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from silkwire.markedyaml import MarkedYaml, Route
from silkwire.topics.lexicon import fold_term, is_word_character

_NAME_PATTERN = "^[a-z][a-z0-9_]*$"
"""The schema's pattern for the names of topics, groups, rules and flags."""
_SHORTEST_PREFIX = 3
_EVERYDAY = (
    "the an and of to in on for is at by as it its from with that this be are was or not"
    " 的 了 在 是 和 与 有 为 不 一 中 年 月 日 称 将 对 于 上"
)
_EVERYWHERE = frozenset(_EVERYDAY.split())


def check_term(marked: MarkedYaml, route: Route, entry: dict[str, Any]) -> None:
    """Raise ConfigError for a term that is empty or that would match nearly every text."""
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
    """Raise ConfigError for what the schema refuses, a rule named twice, or an unknown group."""
    _check_schema(marked)
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


def _check_schema(marked: MarkedYaml) -> None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - slow to import

    schema = _read_schema()
    is_valid = schema.is_valid(_leave_out_words(marked.data))
    error: Any = None if is_valid else best_match(schema.iter_errors(marked.data))
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the file"
        raise marked.fail(_locate(error), f"{place}: {_explain(error)}")
    if marked.data["topic"] != marked.file.stem:
        raise marked.fail(("topic",), f"topic must be '{marked.file.stem}', as the file's name")


def _leave_out_words(data: Any) -> Any:
    """The rules without those terms that are plain words, which are most of the file.

    Any text that is not empty is a valid term, so the schema's answer is the same.
    """
    if not (isinstance(data, dict) and isinstance(data.get("groups"), dict)):
        return data
    groups = dict(data["groups"])
    for name, group in groups.items():
        if isinstance(group, dict) and isinstance(group.get("terms"), list) and group["terms"]:
            rest = [term for term in group["terms"] if not (isinstance(term, str) and term)]
            groups[name] = group | {"terms": rest or ["word"]}
    return data | {"groups": groups}


def _locate(error: Any) -> Route:
    """The place of the error: an unknown key itself, not the mapping that holds it."""
    route = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = [key for key in error.instance if key not in error.schema["properties"]]
        return (*route, unknown[0])
    return route


def _explain(error: Any) -> str:
    if error.validator_value == _NAME_PATTERN:
        return f"'{error.instance}' is no name: a-z, 0-9 and _ are possible, a letter comes first"
    return str(error.message)


@cache
def _read_schema() -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

    file = Path(__file__).with_name("ruleset.schema.json")
    return Draft202012Validator(json.loads(file.read_text("utf-8")))
