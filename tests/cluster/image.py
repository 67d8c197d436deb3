"""Carry out a Dockerfile without Docker: its steps run on this machine, its paths lie in a folder.

Both stages share that folder, and the Python is this machine's. Users are not made; what has to
hold without being root is for the caller to try.
"""

import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from helpers.places import ROOT

CHECKOUT = ROOT
DOCKERFILE = CHECKOUT / "docker" / "Dockerfile"
_OURS = re.compile(r"(?<![\w.~])/(?=(opt/silkwire|opt/airflow|src|run/secrets)\b)")
_SHIMS = {
    "groupadd": "exit 0",
    "chown": "exit 0",
    "useradd": 'while [ $# -gt 0 ]; do [ "$1" != --home-dir ] || mkdir -p "$2"; shift; done',
}


@dataclass(frozen=True)
class Instruction:
    """`RUN`, `COPY`, … and what follows it, on one line."""

    keyword: str
    rest: str


@dataclass
class Image:
    """What the Dockerfile made: `/opt/…` of the image is `<root>/opt/…`."""

    root: Path
    environment: dict[str, str] = field(default_factory=dict)

    def place(self, text: str) -> str:
        """`text` with the image's paths as they are on this machine."""
        return _OURS.sub(f"{self.root}/", text)


def read_instructions(dockerfile: Path = DOCKERFILE) -> list[Instruction]:
    lines = [
        line for line in dockerfile.read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [Instruction(*line.split(maxsplit=1)) for line in whole.splitlines() if line.strip()]


def build_image(root: Path) -> Image:
    """Carry out every instruction; raises CalledProcessError where a step fails."""
    root = root.resolve()
    shims = _make_shims(root / "shims")
    subprocess.run([sys.executable, "-m", "venv", root / "python"], check=True)
    image = Image(root)
    folder = root
    for step in read_instructions():
        if step.keyword == "FROM":  # a stage begins with nothing of the one before but files
            path = f"{shims}:{root}/python/bin:{os.environ['PATH']}"
            image.environment = {"PATH": path, "HOME": str(root)}
        elif step.keyword == "ENV":
            image.environment |= _read_environment(image, step.rest)
        elif step.keyword == "WORKDIR":
            folder = Path(image.place(step.rest))
            folder.mkdir(parents=True, exist_ok=True)
        elif step.keyword == "COPY":
            _copy(image, step.rest, folder)
        elif step.keyword == "RUN":
            command = re.sub(r"^(--\S+\s+)+", "", image.place(step.rest))
            environment = _inherit_caches() | image.environment
            subprocess.run(["/bin/sh", "-euc", command], cwd=folder, env=environment, check=True)
    return image


def _make_shims(folder: Path) -> Path:
    folder.mkdir(parents=True)
    for name, script in _SHIMS.items():
        shim = folder / name
        shim.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        shim.chmod(0o755)
    return folder


def _inherit_caches() -> dict[str, str]:
    """How this machine's clients find packages and keep them."""
    home = Path.home()
    client = re.compile("(UV|PIP|SSL)_|.*_PROXY$", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if client.match(name)}
    caches = {"UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(home / ".cache" / "uv"))}
    return kept | caches | {"PIP_CACHE_DIR": str(home / ".cache" / "pip")}


def _read_environment(image: Image, rest: str) -> dict[str, str]:
    pairs = (word.split("=", 1) for word in shlex.split(image.place(rest)))
    known = image.environment
    return {name: value.replace("$PATH", known["PATH"]) for name, value in pairs}


def _copy(image: Image, rest: str, folder: Path) -> None:
    *sources, target = shlex.split(rest)
    if sources[0].startswith("--from="):
        assert Path(image.place(sources[1])).exists(), rest
        return
    goal = folder / image.place(target)
    is_folder = target.endswith("/")
    for source in sources:
        files = list(list_context(source))
        assert files, f"{source} is not part of what the image is built from"
        for file in files:
            inside = file.relative_to(source)
            place = goal / file.name if is_folder and str(inside) == "." else goal / inside
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / file, place)


def list_context(source: str) -> Iterator[Path]:
    """The files of the build's context that are or lie in `source`, relative to the checkout."""
    found = CHECKOUT / source
    files = [found] if found.is_file() else sorted(_walk(found))
    for file in files:
        relative = file.relative_to(CHECKOUT)
        if not _is_ignored(relative):
            yield relative


def _walk(folder: Path) -> Iterator[Path]:
    """The files below, but for folders of which nothing is in the context."""
    for path in folder.iterdir():
        relative = path.relative_to(CHECKOUT)
        if path.is_file():
            yield path
        elif path.is_dir() and (
            not _is_ignored(relative) or any(p.startswith(f"!{relative}/") for p in _patterns())
        ):
            yield from _walk(path)


@cache
def _patterns() -> tuple[str, ...]:
    lines = DOCKERFILE.with_name("Dockerfile.dockerignore").read_text("utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


def _is_ignored(path: Path) -> bool:
    """The last pattern that matches the path or a folder above it decides (.dockerignore)."""
    is_ignored = False
    names = [str(path), *(str(parent) for parent in path.parents)]
    for pattern in _patterns():
        bare = pattern.removeprefix("!").removeprefix("**/")
        matches = any(fnmatch.fnmatch(name, bare) for name in names) or any(
            fnmatch.fnmatch(part, bare) for part in path.parts if pattern.startswith("**/")
        )
        if matches:
            is_ignored = not pattern.startswith("!")
    return is_ignored
