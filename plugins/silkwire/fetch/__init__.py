"""Fetch: request each planned feed over HTTP, within limits, from public addresses only.

Knows nothing of warehouse and archive. A failing server is a value (`FetchResult.error`).
"""

from silkwire.fetch.run import fetch_feeds

__all__ = ["fetch_feeds"]
