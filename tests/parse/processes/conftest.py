"""Here every process is started as in production."""

import subprocess

import pytest

from silkwire import childprocess


@pytest.fixture(autouse=True)
def fresh_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(childprocess, "subprocess", subprocess)
