"""The option `--json`, and how every command prints JSON."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def print_json(value: Any, **options: Any) -> None:
    """Print a dict or a dataclass as one JSON object; `options` are passed to `json.dumps`."""
    typer.echo(json.dumps(value if isinstance(value, dict) else asdict(value), **options))
