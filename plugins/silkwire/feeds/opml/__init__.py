"""The feed list, `config/feeds.opml`: read, edited, and converted from other readers."""
