"""The console of the command line: it prints texts literally, and no blanks at line ends."""

import io
import sys

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment


def open_console() -> Console:
    """A console on stdout without markup; characters that its encoding lacks become `?`."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False, markup=False, emoji=False)


class Indented:
    """`renderable`, indented; unlike rich's Padding it leaves no blanks at line ends."""

    def __init__(self, renderable: RenderableType, by: int = 2) -> None:
        self._renderable = renderable
        self._by = by

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update(width=max(1, options.max_width - self._by), height=None)
        for line in console.render_lines(self._renderable, inner, pad=False):
            length = cell_len("".join(segment.text for segment in line).rstrip())
            if length:
                yield Segment(" " * self._by)
            yield from Segment.adjust_line_length(line, length, pad=False)
            yield Segment.line()
