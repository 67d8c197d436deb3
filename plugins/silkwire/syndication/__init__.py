"""Syndication: find articles with the same text under different urls, by their titles and leads."""

from silkwire.syndication.link import Linked, link_copies, relink_copies

__all__ = ["Linked", "link_copies", "relink_copies"]
