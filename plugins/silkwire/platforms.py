"""Hosts that serve many publishers, told apart by path alone.

When such a host says "too many requests" it speaks of one feed; any other speaks of itself.
(https://github.com/FreshRSS/FreshRSS/issues/7870)
"""

PLATFORMS = frozenset(
    {
        "feeds.feedburner.com",
        "feeds2.feedburner.com",
        "openrss.org",
        "rss.app",
        "rsshub.app",
        "www.youtube.com",
    }
)
"""Host names in lower case."""
