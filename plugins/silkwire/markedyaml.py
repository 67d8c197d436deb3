"""YAML with the line of every value, so that an error can name the line."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from silkwire.errors import ConfigError

Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """A YAML file's data, and the line (from 1) of each value by its route from the root."""

    file: Path
    data: Any
    lines: dict[Route, int] = field(repr=False)

    def fail(self, route: Iterable[str | int], message: str) -> ConfigError:
        """An error at the line of the value at `route`, or of the nearest value above it."""
        place = tuple(route)
        while place not in self.lines and place:
            place = place[:-1]
        return ConfigError(message, file=self.file, line=self.lines.get(place, 1))


def read_yaml(file: Path) -> MarkedYaml:
    """Read one YAML document. Dates and words such as `no` stay text.

    Raises ConfigError with file and line if it is not YAML, or has a key twice.
    """
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=_Loader)
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError("is not UTF-8", file=file) from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None) or getattr(exc, "context_mark", None)
        message = f"is not YAML: {getattr(exc, 'problem', exc)}"
        raise ConfigError(message, file=file, line=mark.line + 1 if mark else None) from exc
    if node is None:
        raise ConfigError("is empty", file=file, line=1)
    lines: dict[Route, int] = {}
    return MarkedYaml(file, _build(node, (), lines, file), lines)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads what is not text by YAML 1.2: only numbers, true, false and null."""


_Loader.yaml_implicit_resolvers = {
    first: [
        (tag, pattern)
        for tag, pattern in resolvers
        if tag in ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:null")
    ]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_BOOLEANS = {"true": True, "false": False}


def _build(node: yaml.Node, route: Route, lines: dict[Route, int], file: Path) -> Any:
    lines[route] = node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        return _build_mapping(node, route, lines, file)
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*route, i), lines, file) for i, child in enumerate(node.value)]
    if isinstance(node, yaml.ScalarNode) and node.tag == "tag:yaml.org,2002:str":
        return node.value if node.style else _BOOLEANS.get(node.value, node.value)
    return yaml.SafeLoader("").construct_object(node)


def _build_mapping(
    node: yaml.MappingNode, route: Route, lines: dict[Route, int], file: Path
) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = key_node.start_mark.line + 1
        if key in mapping:
            raise ConfigError(f"'{key}' is there twice", file=file, line=line)
        mapping[key] = _build(value_node, (*route, key), lines, file)
        lines[*route, key] = line
    return mapping
