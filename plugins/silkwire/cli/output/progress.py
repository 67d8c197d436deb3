"""Progress of a run on stderr: bars on a terminal, otherwise one plain line per step."""

import time
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Column


class RunProgress:
    """A context manager that the pipeline calls as `silkwire.pipeline.Progress`."""

    def __init__(self, console: Console | None = None):
        self._console = console or Console(stderr=True)
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=16),
            MofNCompleteColumn(table_column=Column(no_wrap=True)),
            TimeElapsedColumn(table_column=Column(no_wrap=True)),
            TextColumn(
                "{task.fields[summary]}",
                style="dim",
                markup=False,
                table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"),
            ),
            expand=True,
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task: TaskID | None = None
        self._step = ""
        self._started = 0.0

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._bars.stop()

    def start(self, step: str, total: int | None = None) -> None:
        self._step, self._started = step, time.monotonic()
        self._task = self._bars.add_task(step, total=total, summary="")

    def advance(self, count: int = 1) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)

    def finish(self, summary: str) -> None:
        if not self._console.is_terminal:
            seconds = time.monotonic() - self._started
            line = f"{self._step}: {summary} ({seconds:.1f} s)"
            self._console.print(line, highlight=False, markup=False, emoji=False)
        if self._task is not None:
            task = self._bars.tasks[self._task]
            total = task.total or task.completed or 1
            self._bars.update(self._task, total=total, completed=total, summary=summary)
