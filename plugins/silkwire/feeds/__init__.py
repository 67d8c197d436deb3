"""Feeds: the list (OPML), its state (`ops.feed`), what is due, and when each is due again."""
