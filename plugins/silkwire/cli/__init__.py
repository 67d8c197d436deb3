"""The command line. `silkwire X` is in `cli/X.py`, `silkwire X Y` in the package `cli/X/`.

Command modules are light to import, so that --help is quick: what is slow to import (SQLAlchemy,
the pipeline) is imported inside the functions that use it.
"""

from silkwire.cli.app import main

__all__ = ["main"]
