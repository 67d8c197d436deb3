"""How commands print: tables, bars, progress."""
