"""How task functions call the pipeline: open its context, call one function, log the report.

Airflow parses the DAG files again and again, so this package is light to import: each function
imports the part of the pipeline that it calls. Errors of silkwire fail the task unchanged.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

if TYPE_CHECKING:
    from silkwire.pipeline import Context

Report = dict[str, Any]
P = ParamSpec("P")
log = logging.getLogger(__name__)


@contextmanager
def open_pipeline() -> "Iterator[Context]":
    """Yield the pipeline's context, with settings from this process's environment."""
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context

    with open_context(read_settings()) as ctx:
        yield ctx


def run_step(
    step: "Callable[Concatenate[Context, P], Any]", *args: P.args, **kwargs: P.kwargs
) -> Report:
    """Call `step` with the context; log its report and return it, a dataclass as a dict."""
    with open_pipeline() as ctx:
        return log_report(step(ctx, *args, **kwargs))


def log_report(report: Any, lines: Iterable[str] = ()) -> Report:
    """Log the report, one figure a line, and then `lines`; return the report as a dict.

    A step of a finished batch may return None, which counts as an empty report.
    """
    from silkwire.pipeline.upkeep.task_log import describe_report

    figures: Report = asdict(report) if is_dataclass(report) else dict(report or {})  # type: ignore[arg-type]
    for line in (*describe_report(figures), *lines):
        log.info("%s", line)
    return figures
