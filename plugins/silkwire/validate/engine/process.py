"""Great Expectations in a child process: it takes seconds to import and 250 MB of memory.

A run starts the child while it waits for the network (`start_validator`), so that the import runs
on the other core; the run's own process never imports Great Expectations. There is one child a
process, started when it is first needed.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any, ClassVar, Optional

from silkwire.childprocess import Child
from silkwire.errors import ValidationError
from silkwire.validate.engine.frame import Columns, arrange_columns
from silkwire.validate.engine.gx import CheckResult
from silkwire.validate.suites.checks import Check

_lock = Lock()


@dataclass(frozen=True, slots=True)
class Question:
    """What the child is asked: a suite over the columns of a frame."""

    suite: tuple[Check, ...]
    columns: Columns


def start_validator() -> None:
    """Start the child, if there is none; returns at once."""
    with _lock:
        _Validator.get()


def prepare_validator() -> None:
    """Start the child, if there is none, and wait until it can validate."""
    with _lock:
        _Validator.get().ask(None)


def validate_facts(
    suite: Sequence[Check],
    facts: Mapping[int, Sequence[Any]],
    columns: Sequence[str],
    kinds: Mapping[str, object],
) -> tuple[CheckResult, ...]:
    """Every check of `suite` over `facts` (values of `columns` by row number).

    Raises ValidationError if an expectation itself fails: then nothing is known of any record.
    """
    return ask_validator(encode_question(suite, facts, columns, kinds))


def encode_question(
    suite: Sequence[Check],
    facts: Mapping[int, Sequence[Any]],
    columns: Sequence[str],
    kinds: Mapping[str, object],
) -> bytes:
    """Encode the question of `validate_facts` while the child answers another, to send it later."""
    question = Question(tuple(suite), arrange_columns(facts, columns, kinds))
    return pickle.dumps(question, pickle.HIGHEST_PROTOCOL)


def ask_validator(question: bytes) -> tuple[CheckResult, ...]:
    """Send what `encode_question` returned; the rest is as in `validate_facts`."""
    with _lock:
        results: tuple[CheckResult, ...] = _Validator.get().ask(question)
    return results


class _Validator(Child):
    current: ClassVar[Optional["_Validator"]] = None

    @classmethod
    def get(cls) -> "_Validator":
        """The child of this process; a new one if there is none or it has ended."""
        child = cls.current
        if child is None or not child.is_ours or not child.is_running():
            try:
                child = cls.current = cls("silkwire.validate.engine.child")
            except OSError as exc:
                raise ValidationError(f"Great Expectations cannot be started: {exc}") from exc
        return child

    def ask(self, question: bytes | None) -> Any:
        """The answer. For the question None there is no answer, but the child is ready afterwards.

        Raises ValidationError if the child could not validate, or ended.
        """
        try:
            while not self.is_ready:
                self.receive()
            if question is None:
                return None
            self.send(question)
            while (answer := self.receive()) is None:
                pass
        except (OSError, EOFError) as exc:
            raise ValidationError(f"Great Expectations ended (exit status {self.kill()})") from exc
        except BaseException:
            self.kill()  # interrupted: an answer may be on its way
            raise
        is_valid, content = pickle.loads(answer)  # noqa: S301 (our own child)
        if not is_valid:
            raise ValidationError(content)
        return content
