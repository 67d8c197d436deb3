"""Here every process is started as in production."""

import subprocess

import pytest

from silkwire.parse.processes import pool


@pytest.fixture(autouse=True)
def fresh_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "subprocess", subprocess)
