"""Turn an exception of the HTTP client into a failed outcome: an error class and one sentence."""

import socket
import ssl

import aiohttp

from silkwire.fetch.client import RefusedAddressError
from silkwire.fetch.outcome import Outcome, clean_sentence, fail
from silkwire.fetch.urls import Target
from silkwire.model import ErrorClass

_CLOSED = (aiohttp.ServerDisconnectedError, ConnectionError)
_ERROR_CLASSES: tuple[tuple[tuple[type[BaseException], ...], ErrorClass], ...] = (
    ((aiohttp.InvalidURL,), ErrorClass.REFUSED_URL),
    ((aiohttp.ClientConnectorDNSError, socket.gaierror), ErrorClass.DNS),
    ((aiohttp.ClientSSLError, ssl.SSLError), ErrorClass.TLS),
    ((aiohttp.ClientConnectorError,), ErrorClass.CONNECT),
    ((TimeoutError,), ErrorClass.TIMEOUT),
)
"""The first match counts; any other exception means malformed HTTP."""
_SENTENCES = {
    ErrorClass.REFUSED_ADDRESS: "{host} is at an address that is not public",
    ErrorClass.REFUSED_URL: "the url of {host} is malformed",
    ErrorClass.DNS: "{host} has no address",
    ErrorClass.TLS: "{host} has no trustworthy TLS",
    ErrorClass.CONNECT: "{host} cannot be connected to",
    ErrorClass.TIMEOUT: "{host} did not answer in time",
    ErrorClass.PROTOCOL: "{host} does not speak HTTP correctly",
}


def explain_exception(exc: BaseException, target: Target) -> Outcome:
    """The outcome of a request to `target` that raised `exc`."""
    cause = exc.os_error if isinstance(exc, aiohttp.ClientConnectorError) else exc
    if isinstance(cause, RefusedAddressError):
        error_class = ErrorClass.REFUSED_ADDRESS
    else:
        classes = (error_class for types, error_class in _ERROR_CLASSES if isinstance(exc, types))
        error_class = next(classes, ErrorClass.PROTOCOL)
    if error_class is ErrorClass.PROTOCOL and isinstance(exc, _CLOSED):
        return fail(error_class, f"{target.host} closed the connection too early")
    if isinstance(exc, aiohttp.ClientPayloadError):
        return fail(error_class, f"{target.host} sent a body that is cut or malformed")
    sentence = _SENTENCES[error_class].format(host=target.host)
    is_clear = error_class in {ErrorClass.REFUSED_ADDRESS, ErrorClass.TIMEOUT}
    return fail(error_class, sentence if is_clear else f"{sentence} ({_read_message(cause)})")


def _read_message(exc: BaseException) -> str:
    """The exception's first line; in the following lines aiohttp quotes the server's bytes."""
    if isinstance(exc, OSError) and exc.strerror:
        return clean_sentence(exc.strerror)
    message = exc.message if isinstance(exc, aiohttp.ClientResponseError) else str(exc)
    return clean_sentence(message.partition("\n")[0].rstrip(": ") or type(exc).__name__)
