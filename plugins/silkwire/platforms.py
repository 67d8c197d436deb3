"""Hosts that serve the feeds of many publishers.

If such a host answers "429 Too Many Requests", that holds for one feed; from any other host it
holds for all of the host's feeds (https://github.com/FreshRSS/FreshRSS/issues/7870).
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
