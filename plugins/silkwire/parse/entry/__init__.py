"""One entry of a document: its texts, dates, urls, language and identity. Pure."""
