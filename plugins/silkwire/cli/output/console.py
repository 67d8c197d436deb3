"""The console of the command line: texts are printed literally, lines end without blanks."""

import io
import sys
from collections.abc import Sequence

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
            stripped = _strip_end(line)
            if stripped:
                yield Segment(" " * self._by)
            yield from stripped
            yield Segment.line()


def _strip_end(line: Sequence[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.rstrip():
        kept.pop()
    if kept:
        last = kept.pop()
        kept.append(Segment(last.text.rstrip(), last.style))
    return kept
