"""What the validator process does: a `Question` in, the results of its checks out, both pickled.

An answer is `(True, results)`, or `(False, message)` for a ValidationError.
"""

import gc
import pickle

from silkwire.childprocess import Answer
from silkwire.errors import ValidationError
from silkwire.validate.engine.frame import build_frame
from silkwire.validate.engine.gx import open_asset, validate_frame
from silkwire.validate.engine.process import Question


def prepare() -> Answer:
    """Import Great Expectations."""
    gc.disable()  # no object made here becomes garbage, and collection takes 0.4 s
    open_asset()
    gc.freeze()
    gc.enable()
    return _answer


def _answer(frame: bytes) -> bytes:
    question: Question = pickle.loads(frame)  # noqa: S301 (our own parent)
    answer: tuple[bool, object]
    try:
        answer = True, validate_frame(question.suite, build_frame(question.columns))
    except ValidationError as exc:
        answer = False, str(exc)
    return pickle.dumps(answer, pickle.HIGHEST_PROTOCOL)
