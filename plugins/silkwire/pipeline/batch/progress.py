"""Report a run's progress: the command line shows it, a library call does not."""

from typing import Protocol


class Progress(Protocol):
    """The pipeline calls this during each step; `total` is None if it is unknown."""

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def finish(self, summary: str) -> None: ...


class Silent:
    """Says nothing."""

    def start(self, step: str, total: int | None = None) -> None: ...
    def advance(self, count: int = 1) -> None: ...
    def finish(self, summary: str) -> None: ...


SILENT = Silent()
