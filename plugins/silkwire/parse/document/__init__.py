"""One document: bytes to text, text to a tree, a tree to entries."""
