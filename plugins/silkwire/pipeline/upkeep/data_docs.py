"""Data Docs: build pages of the last results and store them under the data URL.

Airflow's UI reads them from there (`silkwire.newsroom.datadocs`).
"""

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
from silkwire.warehouse.locks import hold_lock
from silkwire.warehouse.tables.runs import read_runs
from silkwire.wholefiles import open_whole

DOCS_FOLDER = "data-docs"
KEPT_RUNS = 14
"""Runs shown per suite; a page takes a tenth of a second to build."""


@dataclass(frozen=True, slots=True)
class BuiltDocs:
    """Where the built pages are: `index` is the path or url of the first one."""

    index: str
    page_count: int
    run_count: int


def build_docs(ctx: Context) -> BuiltDocs:
    """Build all pages, replace the stored ones (the index last) and remove those of older runs."""
    settings = ctx.settings
    limits = Limits(settings.hold_quarantined_share, settings.hold_min_entries)
    checks = list_checks(limits, settings.status_stale_minutes)
    # Without the lock two builders would remove each other's pages.
    with hold_lock(ctx.engine, "data docs", is_waiting=True):
        with ctx.engine.begin() as conn:
            runs = [KeptRun(*run) for run in read_runs(conn, limit=KEPT_RUNS, now=ctx.now())]
        with tempfile.TemporaryDirectory(prefix="silkwire-docs-") as folder:
            page_count = build_site(runs, checks, Path(folder), now=ctx.now())
            index = _publish(Path(folder), settings.data_root)
    return BuiltDocs(index, page_count, len(runs))


def read_page(settings: Settings, name: str) -> bytes | None:
    """One page, such as `index.html`; None if there is none.

    The caller makes sure that `name` does not lead out of the folder.
    """
    fs, target = _locate(settings.data_root)
    try:
        content: bytes = fs.cat_file(posixpath.join(target, name))
    except OSError:
        return None
    return content


def _locate(data_root: str) -> tuple[Any, str]:
    fs, root = fsspec.core.url_to_fs(data_root)
    return fs, posixpath.join(root, DOCS_FOLDER)


def _publish(folder: Path, data_root: str) -> str:
    fs, target = _locate(data_root)
    names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.html"))
    for name in sorted(names, key=lambda name: name == "index.html"):
        with open_whole(fs, posixpath.join(target, name)) as out:
            out.write((folder / name).read_bytes())
    kept = {posixpath.join(target, name) for name in names}
    for path in fs.find(target):
        if path not in kept:
            fs.rm_file(path)
            _remove_empty(fs, posixpath.dirname(path), target)
    return posixpath.join(target, "index.html")


def _remove_empty(fs: Any, folder: str, top: str) -> None:
    """Remove `folder` and its parents below `top` while empty (object stores have no folders)."""
    while folder != top:
        try:
            fs.rmdir(folder)
        except (OSError, NotImplementedError):
            return
        folder = posixpath.dirname(folder)
