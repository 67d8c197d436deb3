"""`silkwire docs`: what Great Expectations found, as pages."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Data Docs: what the expectations found, as pages.")


@app.callback()
def _group() -> None:
    """Data Docs: what the expectations found, as pages."""


@app.command(epilog="Example: silkwire docs build")
def build(
    is_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Build Data Docs now: pages of the last results, which need no network to be read.

    Airflow builds them after each batch. They are in the folder data-docs under the data URL.
    """
    from silkwire.config import read_settings
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.data_docs import build_docs

    with open_context(read_settings()) as ctx:
        built = build_docs(ctx)
    if is_json:
        typer.echo(json.dumps(asdict(built)))
        return
    typer.echo(f"{built.page_count} pages of {built.run_count} runs: {built.index}")
