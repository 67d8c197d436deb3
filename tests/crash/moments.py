"""Moments at which a run may die, found and met without a line in the code under test.

A boundary of a step is told by the run's own progress, statements and commits by SQLAlchemy's
events, changes of files and new processes by Python's audit hooks (PEP 578).
"""

import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "subprocess.Popen")
_WRITING = os.O_WRONLY | os.O_RDWR

Act = Callable[[str, str], None]
"""Called at each moment with its name (`commit 3`) and what it is, just before that happens."""


class Moments:
    """Calls `act` at every moment of this process from now on; is the `Progress` of a run, too."""

    def __init__(self, folder: Path, act: Act) -> None:
        self._folder = str(folder)
        self._act = act
        self._counts: Counter[str] = Counter()
        event.listen(Engine, "before_cursor_execute", self._meet_statement)
        event.listen(Engine, "commit", lambda conn: self._meet("commit", ""))
        sys.addaudithook(self._hear)

    def start(self, step: str, total: int | None = None) -> None:
        self._act(f"before {step}", "")
        self._step = step

    def advance(self, count: int = 1) -> None:
        self._meet(f"within {self._step}", "")

    def finish(self, summary: str) -> None:
        self._act(f"after {self._step}", summary)

    def _meet(self, kind: str, what: str) -> None:
        self._counts[kind] += 1
        self._act(f"{kind} {self._counts[kind]}", what)

    def _meet_statement(self, _conn: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self._meet("statement", " ".join(statement.split())[:80])

    def _hear(self, name: str, args: tuple[Any, ...]) -> None:
        if name == "open":
            path, _, flags = args
            if flags & _WRITING and str(path).startswith(self._folder):
                self._meet("file", f"open {path}")
        elif name == "subprocess.Popen":
            self._meet("process", "")
        elif name in _CHANGES and str(args[0]).startswith(self._folder):
            self._meet("file", f"{name} {args[0]}")
