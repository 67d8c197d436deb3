"""YAML with the line of every value, so that a mistake can be named by its place."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from silkwire.errors import ConfigError

Route = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class MarkedYaml:
    """The data of a YAML file, and the 1-based line of each value by its route from the root."""

    file: Path
    data: Any
    lines: dict[Route, int] = field(repr=False)

    def fail(self, route: Iterable[str | int], message: str) -> ConfigError:
        """The error for the value at `route`, or for the nearest one above it."""
        place = tuple(route)
        while place not in self.lines and place:
            place = place[:-1]
        return ConfigError(message, file=self.file, line=self.lines.get(place, 1))


def read_yaml(file: Path) -> MarkedYaml:
    """Read one YAML document; words such as `no` and dates stay text.

    Raises ConfigError with file and line for what is not YAML and for a key that is there twice.
    """
    try:
        node = yaml.compose(file.read_text("utf-8"), Loader=_Loader)
    except OSError as exc:
        raise ConfigError(f"cannot be read: {exc.strerror}", file=file) from exc
    except UnicodeDecodeError as exc:
        raise ConfigError("is not UTF-8", file=file) from exc
    except yaml.MarkedYAMLError as exc:
        mark = exc.problem_mark or exc.context_mark
        line = mark.line + 1 if mark else 1
        raise ConfigError(f"is not YAML: {exc.problem}", file=file, line=line) from exc
    except yaml.YAMLError as exc:
        raise ConfigError(f"is not YAML: {exc}", file=file) from exc
    if node is None:
        raise ConfigError("is empty", file=file, line=1)
    lines: dict[Route, int] = {}
    return MarkedYaml(file, _build(node, (), lines, file), lines)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML 1.2's idea of what is not text: numbers, true and false, null."""


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
