"""How a run tells people where it is; the command line draws it, a library call stays silent."""

from typing import Protocol


class Progress(Protocol):
    """Told of each step as it goes; `total` is None where nobody knows it."""

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def finish(self, summary: str) -> None: ...


class Silent:
    """Says nothing."""

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def finish(self, summary: str) -> None: ...


SILENT = Silent()
