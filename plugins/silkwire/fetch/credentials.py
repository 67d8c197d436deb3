"""Remove a feed's credentials from stored data, and send them to their own origin only."""

import base64
import re
from urllib.parse import quote

from silkwire.fetch.urls import Target

_MIN_PASSWORD = 4
"""A shorter password is redacted only together with its user: alone it would match everywhere."""


def may_send_credentials(first: Target, then: Target) -> bool:
    """Whether `first`'s credentials may go to `then`: same origin, or http upgraded to https."""
    plain, upgraded = ("http", first.host, 80), ("https", first.host, 443)
    return then.origin == first.origin or (first.origin, then.origin) == (plain, upgraded)


def drop_credentials(url: str) -> str:
    """`url` without its userinfo, otherwise unchanged."""
    return re.sub(r"^([A-Za-z][\w+.-]*:[/\\]*)[^/\\?#]*@", r"\1", url.strip())


def list_secrets(credentials: str | None) -> list[str]:
    """Every form in which a server may echo `user:password`, the longest first."""
    if credentials is None:
        return []
    password = credentials.partition(":")[2]
    forms = {credentials, *(quote(credentials, safe=safe) for safe in ("", ":", ":/"))}
    forms.add(base64.b64encode(credentials.encode()).decode())
    if len(password) >= _MIN_PASSWORD:
        forms |= {password, quote(password), quote(password, safe="")}
    return sorted(forms, key=len, reverse=True)


def redact(text: str, credentials: str | None) -> str:
    """`text` with `***` in place of the credentials."""
    for secret in list_secrets(credentials):
        text = text.replace(secret, "***")
    return text
