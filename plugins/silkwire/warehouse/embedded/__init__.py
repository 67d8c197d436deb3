"""Our own PostgreSQL server. Other packages call `server`.

Each other module answers one question.

server      start, stop and inspect the server
folder      where is its folder, and which user runs it?
binaries    where are `postgres`, `initdb` and `psql`?
commands    how is one of them run as the server's user?
initdb      how is the data folder (PGDATA) made?
access      who may connect?
sockets     how is the path of the Unix socket kept short?
postmaster  what does `postmaster.pid` say, and is that process alive?
process     how is the server process started, awaited and stopped?
leftovers   which servers' homes are gone, and how are they removed?
"""
