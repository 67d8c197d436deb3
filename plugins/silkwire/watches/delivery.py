"""Delivery by Apprise: mail, chat, webhooks; what fails is a sentence and no exception."""

import logging
import os
from pathlib import Path
from typing import Any

from silkwire.errors import ConfigError
from silkwire.watches.messages import Message, clean_line
from silkwire.watches.rules import Destination, explain_missing

_TIMEOUTS = {"cto": "5", "rto": "10"}
"""Seconds to connect and to be answered, where the url does not say otherwise."""


def open_destination(destination: Destination) -> Any:
    """Apprise with this one service.

    Raises ConfigError if the variable that it names is not set, or the url is none that Apprise
    knows; neither shows the url.
    """
    import apprise  # noqa: PLC0415 - slow to import, and most batches tell nobody

    url = destination.text
    if destination.variable is not None:
        url = _read_variable(destination)
    service = apprise.Apprise()
    place = destination.text if destination.variable else f"{url.split(':', 1)[0]}://…"
    if not service.add(_add_timeouts(url)):
        raise ConfigError(f"{place} is no url that Apprise can use")
    return service


def send(destination: Destination, message: Message) -> str | None:
    """Why it was not delivered; None if it was. Never raises, and takes some 15 s at most."""
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
        except Exception as exc:  # noqa: BLE001 - a service's trouble must never stop a batch
            return f"delivery failed: {type(exc).__name__}"
        reasons = clean_line(said.getvalue())
    return None if is_sent else f"delivery failed: {reasons or 'no reason was given'}"


def _read_variable(destination: Destination) -> str:
    name = destination.variable or ""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text("utf-8").strip()
        except OSError as exc:
            raise ConfigError(f"{name}_FILE cannot be read: {exc.strerror}") from exc
    if not (url := os.environ.get(name, "").strip()):
        raise explain_missing(destination)
    return url


def _add_timeouts(url: str) -> str:
    missing = [f"{name}={value}" for name, value in _TIMEOUTS.items() if f"{name}=" not in url]
    return url + ("&" if "?" in url else "?") + "&".join(missing) if missing else url
