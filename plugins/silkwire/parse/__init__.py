"""Parse: the bytes of fetched documents in, their entries out. No network, clock or database."""

from silkwire.parse.document import parse_document
from silkwire.parse.workers import parse_documents

__all__ = ["parse_document", "parse_documents"]
