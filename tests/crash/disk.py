"""A small disk: a tmpfs of a few megabytes, which root can mount."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SIZE = "8m"


class NoDiskError(Exception):
    """Nothing can be mounted here."""


class SmallDisk:
    """What is mounted; its filler takes all but some bytes."""

    def __init__(self, folder: Path) -> None:
        self._filler = folder / "filler"

    def fill(self, *, room: int) -> None:
        """Leave `room` bytes, rounded up to pages."""
        with self._filler.open("wb", buffering=0) as filler:
            try:
                while True:
                    filler.write(bytes(4096))
            except OSError:
                filler.truncate(max(0, filler.tell() - room))

    def clear(self) -> None:
        self._filler.unlink()


@contextmanager
def mount_small(folder: Path) -> Iterator[SmallDisk]:
    """`folder` on a disk of its own, with what is in it. Raises NoDiskError."""
    aside = folder.with_name(f"{folder.name}.aside")
    shutil.copytree(folder, aside)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE}", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise NoDiskError("a small disk cannot be mounted here: that needs root") from exc
    try:
        shutil.copytree(aside, folder, dirs_exist_ok=True)
        shutil.rmtree(aside)
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
