"""The process that holds Great Expectations: questions on stdin, answers on stdout, no more.

An answer is `(True, judgements)` or `(False, sentence)`. It ends with its parent: at the end of
stdin.
"""

import gc
import os
import pickle
import sys

from silkwire.errors import ValidationError
from silkwire.validate.engine.frame import build_frame
from silkwire.validate.engine.gx import judge_frame, open_asset
from silkwire.validate.engine.process import Question


def main() -> None:
    """Answer until stdin ends."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers
    gc.disable()  # what Great Expectations makes here stays, and looking it through takes 0.4 s
    open_asset()
    gc.freeze()
    gc.enable()
    while True:
        try:
            question = pickle.load(questions)  # noqa: S301 (our own parent)
        except EOFError:
            os._exit(0)  # tearing down what Great Expectations built takes longer than a batch
        pickle.dump(_answer(question), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()


def _answer(question: Question | None) -> tuple[bool, object]:
    if question is None:
        return True, None
    try:
        return True, judge_frame(question.suite, build_frame(question.columns))
    except ValidationError as exc:
        return False, str(exc)


if __name__ == "__main__":
    main()
