"""Where messages arrive in tests: a webhook and a mail server, both real, on loopback."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message


class Webhook:
    """Keeps what is posted to it; answers with `status`."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.status = 200

    def __enter__(self) -> Self:
        sink = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if sink.status == 200:
                    sink.posts.append(json.loads(body))
                self.send_response(sink.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: Any) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = Thread(target=self._http.serve_forever, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """As Apprise writes a JSON webhook."""
        return f"json://127.0.0.1:{self._http.server_address[1]}/"


class Mailbox:
    """An SMTP server that keeps its mails."""

    def __init__(self) -> None:
        self.mails: list[Any] = []

    def __enter__(self) -> Self:
        box = self

        class Handler(Message):
            def handle_message(self, message: Any) -> None:
                box.mails.append(message)

        self._controller = Controller(Handler(), hostname="127.0.0.1", port=0)
        # aiosmtpd connects to itself to see that it is up, and needs to know the port for that
        import socket

        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._controller.port = probe.getsockname()[1]
        self._controller.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._controller.stop()

    @property
    def url(self) -> str:
        port = self._controller.port
        return f"mailto://127.0.0.1:{port}?from=silkwire@news.example&to=desk@news.example&smtp=127.0.0.1"
