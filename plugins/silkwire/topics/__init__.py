"""Match texts with topics, by rules that an analyst can edit (`config/topics`)."""

from silkwire.topics.decide import DEDICATED_FEED, dedicate, match_topics
from silkwire.topics.loading import list_topics, load_rules, load_ruleset, name_ruleset
from silkwire.topics.ruleset import Ruleset

__all__ = [
    "DEDICATED_FEED",
    "Ruleset",
    "dedicate",
    "list_topics",
    "load_rules",
    "load_ruleset",
    "match_topics",
    "name_ruleset",
]
