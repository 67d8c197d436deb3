"""A mistake in the rules is one sentence with file and line."""

import json
import re

import pytest

from helpers.rules import GOOD, write_rules
from silkwire.errors import ConfigError
from silkwire.resources import CONFIG_DIR
from silkwire.topics import list_topics, load_ruleset


def test_shipped_rules_have_no_mistakes():
    topics = [rules.topic for rules in load_ruleset(CONFIG_DIR).topics]
    assert topics == ["ai", "china_travel"]
    assert list_topics(CONFIG_DIR) == ("ai", "china_travel")


def test_version_changes_with_any_byte_of_the_rules(tmp_path):
    first = load_ruleset(write_rules(tmp_path, GOOD)).version
    again = load_ruleset(write_rules(tmp_path, GOOD)).version
    other = load_ruleset(write_rules(tmp_path, GOOD + "# a remark\n")).version
    assert first == again != other
    assert re.fullmatch("[0-9a-f]{64}", first)


def test_version_changes_with_the_model(tmp_path):
    first = load_ruleset(write_rules(tmp_path, GOOD)).version
    model = {"bias": 0.0, "rules_weight": 1.0, "weights": {"h:cup": 0.5}}
    (tmp_path / "topics" / "tea.model.json").write_text(json.dumps(model), "utf-8")
    assert load_ruleset(tmp_path).version != first


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("title: Tea", "titel: Tea", 2, "titel"),
        ("weight: 5", "wieght: 5", 12, "wieght"),
        ("weight: 5", "weight: five", 12, "five"),
        ("terms: [tea,", "terms: ['',", 7, "non-empty|too short|not valid"),
        ("terms: [tea,", "terms: ['   ',", 7, "empty"),
        ("terms: [tea,", "terms: ['*',", 7, "match everything"),
        ("terms: [tea,", "terms: ['-',", 7, "match everything"),
        ("terms: [tea,", "terms: ['t*',", 7, "match nearly everything"),
        ("terms: [tea,", "terms: [the,", 7, "match nearly everything"),
        ("terms: [tea,", "terms: [的,", 7, "match nearly everything"),
        ("terms: [tea,", "terms: [tea, TEA,", 7, "twice"),
        ("terms: [tea,", "terms: [tea, t*a,", 7, r"only one \*|at the end"),
        ("  place:", "  tea:", 8, "twice"),
        ("all: [tea]", "all: [coffee]", 12, "'coffee' is not there"),
        ("named_place: place", "named_place: town", 14, "'town' is not there"),
        ("until: '1972-05-22'", "until: '1972-13-40'", 10, "no date"),
        ("topic: tea", "topic: coffee", 1, "must be 'tea'"),
        (
            "topic: tea",
            "topic: Green Tea",
            1,
            "topic: 'Green Tea' is no name: a-z, 0-9 and _ are possible",
        ),
        ("topic: tea", "topic: 3rd", 1, "topic: '3rd' is no name: a-z, 0-9 and _ are possible"),
        (
            "name: tea_words",
            "name: tea-words",
            12,
            "'tea-words' is no name: a-z, 0-9 and _ are possible",
        ),
        ("topic: tea", "topic: [tea", 2, "not YAML"),
        (
            "  - {name: tea_words",
            "  - {name: a, weight: 1, all: []}\n  - {name: tea_words",
            12,
            "all",
        ),
        (
            "  - {name: tea_words",
            "  - {name: tea_words, weight: 1, all: [tea]}\n  - {name: tea_words",
            13,
            "twice",
        ),
    ],
)
def test_mistake_is_refused_with_file_and_line(tmp_path, old, new, line, message):
    assert old in GOOD
    with pytest.raises(ConfigError) as error:
        load_ruleset(write_rules(tmp_path, GOOD.replace(old, new, 1)))
    assert error.value.file.name == "tea.yaml"
    assert error.value.line == line
    assert re.search(message, str(error.value))


def test_folder_without_rules_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="no topic rules"):
        load_ruleset(tmp_path)


def test_model_that_is_none_is_refused(tmp_path):
    write_rules(tmp_path, GOOD)
    (tmp_path / "topics" / "tea.model.json").write_text('{"bias": 1}', "utf-8")
    with pytest.raises(ConfigError, match=r"tea\.model\.json"):
        load_ruleset(tmp_path)


def test_shipped_models_are_small():
    for file in (CONFIG_DIR / "topics").glob("*.model.json"):
        assert file.stat().st_size < 300_000
