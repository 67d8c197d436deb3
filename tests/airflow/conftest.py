"""Airflow runs in processes of its own, with a home of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from silkwire.resources import DAGS_DIR, PLUGINS_DIR
from silkwire.standalone.environment import airflow_environment
from silkwire.standalone.home import keep_secrets, make_home

READER = Path(__file__).with_name("read_dags.py")


@pytest.fixture(scope="module")
def read_airflow(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A function: what Airflow reads in a `dags` and a `plugins` folder, without any database."""
    silkwire_home = tmp_path_factory.mktemp("home")
    home = make_home(silkwire_home)

    def read(dags: Path = DAGS_DIR, plugins: Path = PLUGINS_DIR) -> dict[str, Any]:
        environment = airflow_environment(
            os.environ,
            silkwire_home=silkwire_home,
            home=home,
            secrets=keep_secrets(home),
            database_url="postgresql+psycopg://127.0.0.1:9/none",
            port=9,
            dags=dags,
            plugins=plugins,
        )
        done = subprocess.run(
            [sys.executable, "-P", READER],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    return read
