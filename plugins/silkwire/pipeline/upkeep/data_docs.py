"""Build Data Docs from the last kept results, and put them where Airflow's UI shows them."""

import posixpath
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fsspec

from silkwire.config import Settings
from silkwire.pipeline.batch.context import Context
from silkwire.validate import Limits
from silkwire.validate.data_docs.build import KeptRun, build_site, list_checks
from silkwire.warehouse.tables import batches
from silkwire.warehouse.tables.runs import read_runs

DOCS_FOLDER = "data-docs"
KEPT_RUNS = 14
"""Runs of each suite that are shown: pages take a tenth of a second each."""


@dataclass(frozen=True, slots=True)
class BuiltDocs:
    """`index` is the path or url of the first page."""

    index: str
    page_count: int
    run_count: int


def build_docs(ctx: Context) -> BuiltDocs:
    """Build the pages anew. They appear one by one, the index last; older ones go after that."""
    settings = ctx.settings
    limits = Limits(settings.hold_quarantined_share, settings.hold_min_entries)
    checks = list_checks(limits, settings.status_stale_minutes)
    # two builders would remove each other's pages
    with batches.hold_lock(ctx.engine, "data docs", is_waiting=True):
        with ctx.engine.begin() as conn:
            runs = [KeptRun(*run) for run in read_runs(conn, limit=KEPT_RUNS, now=ctx.now())]
        with tempfile.TemporaryDirectory(prefix="silkwire-docs-") as folder:
            page_count = build_site(runs, checks, Path(folder), now=ctx.now())
            index = _publish(Path(folder), settings.data_root)
    return BuiltDocs(index, page_count, len(runs))


def read_page(settings: Settings, name: str) -> bytes | None:
    """One page, such as `index.html`; None if there is none. `name` stays within the folder."""
    fs, root = fsspec.core.url_to_fs(settings.data_root)
    try:
        content: bytes = fs.cat_file(posixpath.join(root, DOCS_FOLDER, name))
    except OSError:
        return None
    return content


def _publish(folder: Path, data_root: str) -> str:
    fs, root = fsspec.core.url_to_fs(data_root)
    target = posixpath.join(root, DOCS_FOLDER)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    for name in [*(name for name in names if name != "index.html"), "index.html"]:
        _write(fs, posixpath.join(target, name), (folder / name).read_bytes())
    kept = {posixpath.join(target, name) for name in names}
    for path in fs.find(target):
        if path not in kept:
            fs.rm_file(path)
            _remove_empty(fs, posixpath.dirname(path), target)
    return posixpath.join(target, "index.html")


def _remove_empty(fs: Any, folder: str, top: str) -> None:
    """Folders that hold nothing any more, from `folder` up; only file systems have such."""
    while folder != top:
        try:
            fs.rmdir(folder)
        except (OSError, NotImplementedError):
            return
        folder = posixpath.dirname(folder)


def _write(fs: Any, path: str, content: bytes) -> None:
    """Whole or not at all: somebody may be reading."""
    fs.makedirs(posixpath.dirname(path), exist_ok=True)
    partial = posixpath.join(posixpath.dirname(path), f".{posixpath.basename(path)}.partial")
    fs.pipe_file(partial, content)
    fs.mv(partial, path)
