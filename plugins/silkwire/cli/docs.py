"""`silkwire docs`: Data Docs, the results of Great Expectations as pages."""

import typer

from silkwire.cli.options import AsJson, print_json
from silkwire.config import read_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Data Docs: the results of Great Expectations as HTML pages."""


@app.command()
def build(is_json: AsJson = False) -> None:
    """Build Data Docs now, from the latest results of each suite.

    The pages are in the folder data-docs under the data URL, and can be read
    offline. Airflow builds them after each batch.

    Example: silkwire docs build
    """
    from silkwire.pipeline import open_context
    from silkwire.pipeline.upkeep.data_docs import build_docs

    with open_context(read_settings()) as ctx:
        built = build_docs(ctx)
    if is_json:
        print_json(built)
    else:
        typer.echo(f"{built.page_count} pages of {built.run_count} runs: {built.index}")
