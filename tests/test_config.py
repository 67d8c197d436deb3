"""Settings come from the environment or from files; an error is one sentence."""

import re
from pathlib import Path

import pytest

from helpers.places import ROOT
from silkwire.config import PREFIX, Settings, read_settings
from silkwire.errors import ConfigError

EXAMPLE = ROOT / ".env.example"


def test_every_setting_stands_in_the_example_and_no_other() -> None:
    named = set(re.findall(r"^#(SILKWIRE_[A-Z_]+)=", EXAMPLE.read_text("utf-8"), re.MULTILINE))
    assert named == {PREFIX + name.upper() for name in Settings.model_fields}


def test_networks_are_given_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SILKWIRE_FETCH_ALLOW_PRIVATE", "127.0.0.0/8, fd00::/8")
    assert [str(net) for net in read_settings().fetch_allow_private] == ["127.0.0.0/8", "fd00::/8"]


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("postgresql://u:p@db/w\n")
    monkeypatch.setenv("SILKWIRE_WAREHOUSE_URL_FILE", str(tmp_path / "url"))
    url = read_settings().warehouse_url
    assert url is not None
    assert url.get_secret_value() == "postgresql://u:p@db/w"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SILKWIRE_FETCH_DEADLINE", "soon"),
        ("SILKWIRE_FETCH_DEADLINE", "-1"),
        ("SILKWIRE_FETCH_ALLOW_PRIVATE", "localhost"),
        ("SILKWIRE_WAREHOUSE_URL_FILE", "/does/not/exist"),
        ("SILKWIRE_FETCH_DEADLIN", "3"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match=name):
        read_settings()


def test_settings_are_frozen() -> None:
    with pytest.raises(Exception, match="frozen"):
        read_settings().fetch_deadline = 1.0
