"""A child process that answers frames: its life, its output and its end."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from silkwire.childprocess import Child

MODULE = """
import os

def prepare(word):
    print("printed while it prepares")
    def answer(frame):
        print("printed while it answers")
        if frame == b"die":
            os._exit(7)
        return word.encode() + frame
    return answer
"""


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Child]:
    (tmp_path / "answering.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    child = Child("answering", "re: ")
    yield child
    child.kill()


def receive(child: Child) -> bytes:
    while (frame := child.receive()) is None:
        pass
    return frame


def test_first_frame_is_empty_and_says_that_the_child_is_ready(child: Child) -> None:
    assert not child.is_ready
    assert receive(child) == b""
    assert child.is_ready


def test_frame_larger_than_a_pipe_is_answered_whole_whatever_is_printed(child: Child) -> None:
    receive(child)
    for frame in (b"x" * (3 << 20), b"y"):
        child.send(frame)
        assert receive(child) == b"re: " + frame


def test_child_that_died_is_the_end_of_its_output_and_leaves_its_status(child: Child) -> None:
    receive(child)
    child.send(b"die")
    with pytest.raises(EOFError):
        receive(child)
    assert child.kill() == 7
    assert not child.is_running()


def test_fork_leaves_the_child_to_the_process_that_started_it(child: Child) -> None:
    receive(child)
    if (other := os.fork()) == 0:
        os._exit(0 if child.kill() is None and not child.is_ours else 1)
    assert os.waitpid(other, 0)[1] == 0
    assert child.is_ours
    assert child.is_running()
