"""Python environments of the peers, made from `peers/uv.lock` at first use."""

import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PEERS = ROOT / "benchmarks" / "peers"


@cache
def find_python(peer: str) -> str:
    """The interpreter of the environment with the group `peer` of `peers/pyproject.toml`."""
    folder = PEERS / f".venv-{peer}"
    uv = subprocess.run(
        ["sh", "docker/find-uv.sh"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
    subprocess.run(
        [uv, "sync", "--project", str(PEERS), "--locked", "--only-group", peer,
         "--compile-bytecode", "--quiet"],
        cwd=ROOT,
        env=os.environ | {"UV_PROJECT_ENVIRONMENT": str(folder), "UV_PYTHON_DOWNLOADS": "never"},
        check=True,
    )  # fmt: skip
    return str(folder / "bin" / "python")
