"""Our own PostgreSQL server: its binaries, data folder, process and socket."""
