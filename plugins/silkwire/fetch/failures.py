"""What went wrong, as an operator would say it: an error class and one sentence."""

import socket
import ssl
from dataclasses import dataclass

import aiohttp

from silkwire.fetch.client import RefusedAddressError
from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass

_MAX_SENTENCE = 300
_CLIENT_ERROR, _SERVER_ERROR, _NO_STATUS = 400, 500, 600

_CLOSED = (aiohttp.ServerDisconnectedError, ConnectionError)
_KINDS: tuple[tuple[tuple[type[BaseException], ...], ErrorClass], ...] = (
    ((aiohttp.InvalidURL,), ErrorClass.REFUSED_URL),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), ErrorClass.DNS),
    ((aiohttp.ClientSSLError, ssl.SSLError), ErrorClass.TLS),
    ((aiohttp.ClientConnectorError,), ErrorClass.CONNECT),
    ((TimeoutError,), ErrorClass.TIMEOUT),
)
"""The first that fits counts; what fits none is bad HTTP."""
_SENTENCES = {
    ErrorClass.REFUSED_ADDRESS: "{host} is at an address that is not public",
    ErrorClass.REFUSED_URL: "the url of {host} is malformed",
    ErrorClass.DNS: "{host} has no address",
    ErrorClass.TLS: "{host} has no trustworthy TLS",
    ErrorClass.CONNECT: "{host} cannot be connected to",
    ErrorClass.TIMEOUT: "{host} did not answer in time",
    ErrorClass.PROTOCOL: "{host} does not speak HTTP correctly",
}


@dataclass(frozen=True, slots=True)
class Failure:
    error_class: ErrorClass
    error: str


def explain_exception(exc: BaseException, target: Target) -> Failure:
    """What an exception of the client means."""
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    if isinstance(cause, RefusedAddressError):
        error_class = ErrorClass.REFUSED_ADDRESS
    else:
        kinds = (kind for types, kind in _KINDS if isinstance(exc, types))
        error_class = next(kinds, ErrorClass.PROTOCOL)
    if error_class is ErrorClass.PROTOCOL and isinstance(exc, _CLOSED):
        return Failure(error_class, f"{target.host} closed the connection too early")
    if isinstance(exc, aiohttp.ClientPayloadError):
        return Failure(error_class, f"{target.host} sent a body that is cut or malformed")
    sentence = _SENTENCES[error_class].format(host=target.host)
    is_clear = error_class in {ErrorClass.REFUSED_ADDRESS, ErrorClass.TIMEOUT}
    return Failure(error_class, sentence if is_clear else f"{sentence} ({_tell(cause)})")


def explain_status(status: int, reason: str | None) -> Failure:
    """What a status that is no success means (RFC 9110 §15)."""
    sentence = clean_sentence(f"the server answered {status} {reason or ''}")
    if status == 429:  # noqa: PLR2004 - RFC 6585 §4
        return Failure(ErrorClass.RATE_LIMITED, sentence)
    if status == 410:  # noqa: PLR2004 - RFC 9110 §15.5.11
        return Failure(ErrorClass.GONE, sentence)
    if _CLIENT_ERROR <= status < _SERVER_ERROR:
        return Failure(ErrorClass.CLIENT_ERROR, sentence)
    if _SERVER_ERROR <= status < _NO_STATUS:
        return Failure(ErrorClass.SERVER_ERROR, sentence)
    return Failure(ErrorClass.PROTOCOL, sentence)


def clean_sentence(text: str) -> str:
    """One printable line of bounded length: servers write into these."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= _MAX_SENTENCE else line[: _MAX_SENTENCE - 1] + "…"


def _tell(exc: BaseException) -> str:
    """What the exception says, without the server's bytes that aiohttp puts in further lines."""
    if isinstance(exc, OSError) and exc.strerror:
        return clean_sentence(exc.strerror)
    message = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    return clean_sentence(message.partition("\n")[0].rstrip(": ") or type(exc).__name__)
