"""How commands print: tables, bars, counts, progress."""
