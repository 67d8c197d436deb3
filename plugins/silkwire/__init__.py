"""silkwire: pulls news feeds, keeps what is about AI or China travel, loads PostgreSQL."""

__version__ = "0.1.0"
