"""Every command is documented: help with an example, and a place in the documentation."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from silkwire.cli.app import app

NAMES = {
    "demo", "ingest", "up", "status", "parse", "query", "replay",
    "feeds list", "feeds add", "feeds remove", "feeds import", "feeds export", "feeds check",
    "feeds pause", "feeds resume",
    "topics match", "topics explain", "topics evaluate", "topics check",
    "topics adopt",
    "watches check", "watches test",
    "quarantine list", "quarantine show", "quarantine release", "quarantine reject",
    "quarantine retry",
    "docs build",
    "db url", "db start", "db stop", "db status", "db upgrade", "db psql", "db backup",
    "db restore", "db check", "db clean", "db list", "db prune",
}  # fmt: skip


def commands(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    if hasattr(command, "commands"):
        for child_name, child in command.commands.items():
            yield from commands(child, f"{name} {child_name}".strip())
    else:
        yield name, command


COMMANDS = dict(commands(get_command(app)))


def test_the_names_that_scripts_depend_on_are_there() -> None:
    assert set(COMMANDS) == NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_command_and_option_says_what_it_is_for(name: str) -> None:
    command = COMMANDS[name]
    assert f"silkwire {name}" in command.help
    assert all(len(line) <= 78 for line in inspect.cleandoc(command.help).splitlines()[1:])
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_help_is_quick_to_import() -> None:
    heavy = "great_expectations pandas aiohttp feedparser alembic airflow lingua"
    code = (
        "import sys, silkwire.cli.app\n"
        f"print([name for name in {heavy.split()} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
