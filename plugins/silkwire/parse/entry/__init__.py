"""One entry: its texts, dates, urls, language and identity. Pure."""
