"""Read and edit the feed list, `config/feeds.opml`, and read the lists of other programs."""
