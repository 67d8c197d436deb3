"""Syndication: find articles with the same text under different urls, by their titles and leads."""

from silkwire.syndication.events import is_surely_one_text
from silkwire.syndication.link import Linked, link_copies, relink_copies
from silkwire.syndication.text import ArticleText

__all__ = ["ArticleText", "Linked", "is_surely_one_text", "link_copies", "relink_copies"]
