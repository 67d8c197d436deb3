"""One document: charset, XML or JSON, format, and the feed's own fields. Pure."""
