"""Great Expectations in a process of its own: it takes seconds to import and 250 MB to hold.

So a run starts it while the network is waited for (`start_judge`), on the other core, and its own
process never imports it. One child a process, started when it is first needed; it ends with its
parent, however that ends.
"""

import atexit
import os
import pickle
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import silkwire
from silkwire.errors import ValidationError
from silkwire.validate.engine.frame import Columns, arrange_columns
from silkwire.validate.engine.gx import Judgement
from silkwire.validate.suites.checks import Check

_BOOT = (
    "import sys; sys.path.append(sys.argv[1]);"
    "from silkwire.validate.engine.child import main; main()"
)
_lock = Lock()


@dataclass(frozen=True, slots=True)
class Question:
    """What the child is asked: a suite over the columns of a frame."""

    suite: tuple[Check, ...]
    columns: Columns


def start_judge() -> None:
    """Start the child, if there is none; returns at once."""
    with _lock:
        _Child.current()


def prepare() -> None:
    """Start the child and wait until it can judge."""
    with _lock:
        _Child.current().ask(pickle.dumps(None))


def judge_facts(
    suite: Sequence[Check],
    facts: Mapping[int, Sequence[Any]],
    columns: Sequence[str],
    kinds: Mapping[str, object],
) -> tuple[Judgement, ...]:
    """Every check of `suite` over `facts` (values of `columns` by row number).

    Raises ValidationError if an expectation itself fails: then nothing is known of any record.
    """
    return ask_judge(write_question(suite, facts, columns, kinds))


def write_question(
    suite: Sequence[Check],
    facts: Mapping[int, Sequence[Any]],
    columns: Sequence[str],
    kinds: Mapping[str, object],
) -> bytes:
    """What `judge_facts` asks, to be sent later: this much can be done while another is judged."""
    question = Question(tuple(suite), arrange_columns(facts, columns, kinds))
    return pickle.dumps(question, pickle.HIGHEST_PROTOCOL)


def ask_judge(question: bytes) -> tuple[Judgement, ...]:
    """The answer to what `write_question` wrote; raises what `judge_facts` does."""
    with _lock:
        answer: tuple[Judgement, ...] = _Child.current().ask(question)
    return answer


class _Child:
    """The process and its two pipes. A pickle a question, a pickle an answer."""

    _current: "_Child | None" = None

    @classmethod
    def current(cls) -> "_Child":
        """This process' child; one inherited through a fork is the parent's."""
        child = cls._current
        if child is None or child._owner != os.getpid() or child._process.poll() is not None:
            child = cls._current = cls()
        return child

    def __init__(self) -> None:
        self._owner = os.getpid()
        package_root = str(Path(silkwire.__file__).resolve().parents[1])
        try:
            self._process = subprocess.Popen(  # noqa: S603 (our own interpreter and code)
                [sys.executable, "-c", _BOOT, package_root],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as exc:
            raise ValidationError(f"Great Expectations cannot be started: {exc}") from exc
        atexit.register(self.stop)

    def ask(self, question: bytes) -> Any:
        """The answer. Raises ValidationError if the child could not judge, or died of it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            # In one piece: after each, this thread would wait for one that describes more rows.
            self._process.stdin.write(question)
            self._process.stdin.flush()
            is_judged, answer = pickle.load(self._process.stdout)  # noqa: S301 (our own child)
        except (OSError, EOFError, pickle.UnpicklingError) as exc:
            status = self.stop()
            raise ValidationError(f"Great Expectations ended (exit status {status})") from exc
        except BaseException:
            self.stop()  # interrupted: an answer may be on its way
            raise
        if not is_judged:
            raise ValidationError(answer)
        return answer

    def stop(self) -> int | None:
        """End the child at once; its exit status."""
        if self._owner != os.getpid():
            return None
        atexit.unregister(self.stop)
        self._process.kill()
        status = self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
        return status
