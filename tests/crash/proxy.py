"""A TCP proxy before PostgreSQL's socket, on loopback, that can be cut within a statement."""

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path
from threading import Lock, Thread

_PIECE = 1 << 16


class Proxy:
    """Passes on what clients send. When the file `wire_cutter` appears, the next piece is still
    passed on, and every connection ends before the answer; then new ones are let through."""

    def __init__(self, server_socket: str, wire_cutter: Path) -> None:
        self._server_socket = server_socket
        self._wire_cutter = wire_cutter
        self._open: list[socket.socket] = []
        self._lock = Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # a thread that waits in accept() keeps a closed socket listening
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._cut()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(self._server_socket)
                except OSError:
                    client.close()
                    continue
                with self._lock:
                    self._open += [client, server]
                Thread(target=self._pass_on, args=(client, server, True), daemon=True).start()
                Thread(target=self._pass_on, args=(server, client, False), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, is_client: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(_PIECE):
                target.sendall(piece)
                if is_client and self._wire_cutter.exists():
                    self._cut()
                    self._wire_cutter.unlink(missing_ok=True)
        for end in (source, target):
            _shut(end)

    def _cut(self) -> None:
        with self._lock:
            ends, self._open = self._open, []
        for end in ends:
            _shut(end)


def _shut(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def open_proxy(server_socket: str, wire_cutter: Path) -> Iterator[Proxy]:
    proxy = Proxy(server_socket, wire_cutter)
    try:
        yield proxy
    finally:
        proxy.close()
