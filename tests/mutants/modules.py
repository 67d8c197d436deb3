"""What is mutated, which tests must notice, and which mutants nobody can notice."""

MODULES = (
    "feeds/schedule/decide.py",
    "feeds/schedule/intervals.py",
    "feeds/schedule/moves.py",
    "feeds/schedule/outage.py",
    "feeds/schedule/revisits.py",
    "feeds/shards.py",
    "fetch/addresses.py",
    "fetch/urls.py",
    "parse/entry/dates.py",
    "parse/entry/identity.py",
    "parse/entry/urls.py",
    "pipeline/history/parts.py",
    "syndication/features.py",
    "syndication/groups.py",
    "syndication/verify.py",
    "topics/decide.py",
    "validate/verdict.py",
)
"""Under `plugins/silkwire/`: pure functions, so that a mutant is tried within a second."""

TESTS = (
    "feeds/schedule",
    "feeds/test_shards.py",
    "fetch/test_addresses.py",
    "fetch/test_urls.py",
    "parse/entry",
    "pipeline/history",
    "syndication/test_features.py",
    "syndication/test_groups.py",
    "syndication/test_verify.py",
    "topics",
    "validate/test_verdict.py",
)
"""Under `tests/`; none of them needs PostgreSQL."""

LEFT_OUT = ("feeds/schedule/test_simulation.py", "topics/test_third_topic.py")
"""They take seconds for each mutant."""

EQUIVALENT: dict[str, dict[str, str]] = {}
"""By module and the line that stands there now (+) or is gone (-): why the mutant behaves as the
original does."""
