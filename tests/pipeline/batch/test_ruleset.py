"""Rules are checked before anything is leased, and once."""

import re
from pathlib import Path

import pytest

from helpers.rules import GOOD, write_rules
from silkwire.config import Settings
from silkwire.errors import ConfigError
from silkwire.pipeline.batch.ruleset import require_ruleset
from silkwire.topics import load_ruleset, name_ruleset


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, config_dir=write_rules(tmp_path / "config", GOOD))


def test_the_name_of_rules_is_their_version(settings: Settings) -> None:
    assert name_ruleset(settings.config_dir) == load_ruleset(settings.config_dir).version


def test_rules_that_were_right_are_known_until_a_byte_changes(settings: Settings) -> None:
    version = require_ruleset(settings)
    mark = (settings.home / "rules-checked").read_text("utf-8")
    assert mark.endswith(version)
    assert require_ruleset(settings) == version
    write_rules(settings.config_dir, GOOD + "# a remark\n")
    assert require_ruleset(settings) != version
    assert (settings.home / "rules-checked").read_text("utf-8") != mark


def test_a_mistake_is_found_each_time(settings: Settings) -> None:
    require_ruleset(settings)
    write_rules(settings.config_dir, GOOD.replace("topic:", "subject:", 1))
    for _ in range(2):
        with pytest.raises(ConfigError, match=re.escape("yaml")):
            require_ruleset(settings)


def test_a_home_that_cannot_be_written_costs_time_only(settings: Settings) -> None:
    (settings.home / "rules-checked").mkdir()
    assert require_ruleset(settings) == require_ruleset(settings)
