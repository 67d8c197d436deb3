"""Run a command and measure its time from start to exit, its processor time and its memory."""

import resource
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parents[1]
SAMPLE_S = 0.1


@dataclass(frozen=True)
class Child:
    """`peak_mb` is the peak of the sum over all its processes, shared pages counted once (PSS)."""

    seconds: float
    processor_seconds: float
    peak_mb: float
    output: str


def run_child(
    command: Sequence[str], *, env: Mapping[str, str] | None = None, is_memory_sampled: bool = False
) -> Child:
    """Run to the end. Raises SystemExit with the end of its error output if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        sampler = _MemorySampler(process.pid)
        if is_memory_sampled:
            sampler.start()
        try:
            output, errors = process.communicate()
        finally:
            if process.poll() is None:
                process.terminate()
        seconds = time.perf_counter() - started
        sampler.is_done.set()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{errors[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Child(seconds, spent, sampler.peak_mb, output)


class _MemorySampler(threading.Thread):
    """Measures the memory of a process and its descendants every `SAMPLE_S`."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak_mb = 0.0
        self.is_done = threading.Event()
        self._root = pid

    def run(self) -> None:
        while not self.is_done.wait(SAMPLE_S):
            with suppress(psutil.Error):
                root = psutil.Process(self._root)
                family = [root, *root.children(recursive=True)]
                self.peak_mb = max(self.peak_mb, sum(_read_pss_mb(one.pid) for one in family))


def _read_pss_mb(pid: int) -> float:
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0
