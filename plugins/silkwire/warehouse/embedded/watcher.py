"""A server whose home is gone for an hour stops by itself.

Only a server outside its home needs this: in the other case its data is deleted with the home, and
PostgreSQL stops within a minute. A shell looks, because the server's user may not see root's home.
"""

import subprocess

from silkwire.warehouse.embedded.folder import ServerFolder

_LOOK_SECONDS = 60
_LOOKS = 60
"""How often in a row the home must be gone. A sleeping machine does not count."""
# $1 the server's folder, $2 its process, $3 seconds between looks, $4 looks. It ends with the
# server. /proc says, where there is one, that the process is still that server.
_WATCH = """\
is_server() {
    kill -0 "$2" && { [ ! -e /proc/self ] || [ "/proc/$2/cwd" -ef "$1/data" ]; }
}
{
    gone=0
    while [ "$gone" -lt "$4" ] && is_server "$@"; do
        sleep "$3"
        if [ "$(cat "$1/home")/postgresql" -ef "$1" ]; then gone=0; else gone=$((gone + 1)); fi
    done
    is_server "$@" && [ "$(head -n 1 "$1/data/postmaster.pid")" = "$2" ] && kill -INT "$2"
} &
"""


def watch_home(folder: ServerFolder, pid: int) -> None:
    """Leave a process behind that stops the server `pid` once its home is gone for an hour."""
    if not folder.home_note.exists():
        return
    arguments = [str(folder.path), str(pid), str(_LOOK_SECONDS), str(_LOOKS)]
    subprocess.run(  # noqa: S603  # a script of ours, its arguments quoted
        ["/bin/sh", "-c", _WATCH, "silkwire-watch", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd="/",
        check=True,
    )
