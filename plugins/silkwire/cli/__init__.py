"""The command line. `main` is the console script; each module here is one command or group."""

from silkwire.cli.app import main

__all__ = ["main"]
