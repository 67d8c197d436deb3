"""Fetch: request each planned feed over HTTP and return one `Exchange` for each.

Limits time, bytes and requests per host, and connects to public addresses only. Knows nothing of
the warehouse or the archive. A failing server is a value (`FetchResult.error`), not an exception.
"""

from silkwire.fetch.run import fetch_feeds

__all__ = ["fetch_feeds"]
