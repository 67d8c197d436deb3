"""Syndication: the same text under several urls is one text. Reads nothing but titles and leads."""

from silkwire.syndication.link import Linked, link_copies, relink_copies

__all__ = ["Linked", "link_copies", "relink_copies"]
