"""Fetch: planned feeds in, one exchange each out. Politely, within limits, from public addresses.

Knows nothing of the warehouse or the archive. Failures of servers are values (`FetchResult.error`).
"""

from silkwire.fetch.engine import fetch_feeds

__all__ = ["fetch_feeds"]
