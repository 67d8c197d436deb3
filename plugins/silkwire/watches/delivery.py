"""Deliver messages by Apprise: to mail, chat or webhooks. A failure is a sentence, not an error."""

import logging
import os
from pathlib import Path
from typing import Any

from silkwire.errors import ConfigError
from silkwire.watches.messages import Message, clean_line
from silkwire.watches.rules import Destination

_TIMEOUTS = {"cto": "5", "rto": "10"}
"""Seconds to connect and to wait for an answer, unless the url sets them."""


def open_destination(destination: Destination) -> Any:
    """An Apprise object with this one service.

    Raises ConfigError if the variable that the destination names is not set, or if Apprise does not
    know the url. The message never shows the url, which may hold a password.
    """
    import apprise  # noqa: PLC0415 - slow to import, and most batches notify nobody

    variable = destination.variable
    url = destination.text if variable is None else _read_variable(variable)
    service = apprise.Apprise()
    if not service.add(_add_timeouts(url)):
        place = destination.text if variable else f"{url.split(':', 1)[0]}://…"
        raise ConfigError(f"{place} is no url that Apprise can use")
    return service


def send(destination: Destination, message: Message) -> str | None:
    """Return why the message was not delivered, or None. Never raises; takes some 15 s at most."""
    try:
        service = open_destination(destination)
    except ConfigError as exc:
        return str(exc)
    import apprise  # noqa: PLC0415

    capture: Any = apprise.LogCapture
    with capture(level=logging.WARNING, fmt="%(message)s") as said:
        try:
            is_sent = service.notify(
                title=message.title, body=message.body, body_format=apprise.NotifyFormat.TEXT
            )
        except Exception as exc:  # noqa: BLE001 - a service that fails must never stop a batch
            return f"delivery failed: {type(exc).__name__}"
        reasons = clean_line(said.getvalue())
    return None if is_sent else f"delivery failed: {reasons or 'no reason was given'}"


def _read_variable(name: str) -> str:
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as exc:
            raise ConfigError(f"{name}_FILE cannot be read: {exc.strerror}") from exc
    if not (url := os.environ.get(name, "").strip()):
        raise ConfigError(f"env:{name}: neither {name} nor its _FILE is set")
    return url


def _add_timeouts(url: str) -> str:
    missing = [f"{name}={value}" for name, value in _TIMEOUTS.items() if f"{name}=" not in url]
    return url + ("&" if "?" in url else "?") + "&".join(missing) if missing else url
