"""Feeds: the list (OPML), their state (`ops.feed`), leases, and when each is due again."""
