"""Hosts that serve the feeds of many publishers.

If such a host answers "429 Too Many Requests", that answer is about one feed. From any
other host it is about all of the host's feeds (https://github.com/FreshRSS/FreshRSS/issues/7870).
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
