"""`silkwire demo`: the whole pipeline on sample feeds, offline, in a temporary home."""

import time
from datetime import UTC, datetime
from typing import Annotated

import typer

from silkwire.cli.output.console import open_console


def demo(
    is_kept: Annotated[
        bool,
        typer.Option("--keep", help="Keep the demo's warehouse, and print how to query it."),
    ] = False,
) -> None:
    """Run the whole pipeline on sample feeds: no network, nothing left behind.

    It serves fourteen sample feeds on this machine and reads them twice into a
    warehouse of its own. It shows the kept articles and the words that matched,
    the quarantined records and their reasons, what the second reading changed,
    and the answers of three SQL queries.

    Examples:
      silkwire demo
      silkwire demo --keep
      silkwire demo | less
    """
    from silkwire.cli.demo.show import explain_kept_home, show_two_readings
    from silkwire.demo.home import open_home
    from silkwire.demo.publisher import Publisher

    console, started = open_console(), time.perf_counter()
    with open_home(is_kept=is_kept) as settings, Publisher(datetime.now(UTC)) as publisher:
        show_two_readings(settings, publisher, console)
        if is_kept:
            explain_kept_home(settings, console)
    seconds = time.perf_counter() - started
    left = "" if is_kept else " Nothing is left behind: --keep keeps the warehouse."
    console.print(f"\nDone in {seconds:.0f} s.{left}", style="bold")
