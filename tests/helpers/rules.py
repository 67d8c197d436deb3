"""A small ruleset of one topic, tea, and where rules are written for a test."""

GOOD = """\
topic: tea
title: Tea
candidates:
  - [tea]
groups:
  tea:
    terms: [tea, oolong*]
  place:
    case: exact
    terms: [Assam, {term: Ceylon, until: '1972-05-22'}]
rules:
  - {name: tea_words, weight: 5, all: [tea]}
flags:
  named_place: place
"""


def write_rules(folder, text):
    topics = folder / "topics"
    topics.mkdir(parents=True, exist_ok=True)
    (topics / "tea.yaml").write_text(text, "utf-8")
    return folder
