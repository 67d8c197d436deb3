"""Great Expectations in a process of its own: who starts it, how it ends, what its death means."""

import os
import signal
import subprocess
import sys
from threading import Timer

import psutil
import pytest

from helpers.bad_records import make_row
from silkwire.errors import ValidationError
from silkwire.validate import prepare_validator, validate_entries
from silkwire.validate.engine.process import validate_facts
from silkwire.validate.suites.checks import Check

PRESENT = Check("c", "cell", "expect_column_values_to_not_be_null", "rule", "why")


def list_children(pid: int) -> list[psutil.Process]:
    found = psutil.Process(pid).children()
    return [child for child in found if any("validate.engine.child" in a for a in child.cmdline())]


def run_python(script: str) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)


def test_own_process_never_imports_great_expectations_nor_pandas() -> None:
    script = (
        "import sys; sys.path += ['tests', 'plugins'];"
        "from helpers.bad_records import make_row; from silkwire.validate import validate_entries;"
        "found = validate_entries([make_row(0)]);"
        "print(found.accepted, sorted({'great_expectations', 'pandas'} & set(sys.modules)))"
    )
    printed, _ = run_python(script).communicate()
    assert printed == "(0,) []\n"


def test_child_that_was_killed_is_a_sentence_and_the_next_batch_gets_another() -> None:
    prepare_validator()
    (child,) = list_children(os.getpid())
    child.send_signal(signal.SIGSTOP)
    Timer(0.3, child.kill).start()
    with pytest.raises(ValidationError, match=r"Great Expectations ended \(exit status -9\)"):
        validate_entries([make_row(0)])
    assert validate_entries([make_row(0)]).accepted == (0,)


def test_expectation_that_raises_in_the_child_is_our_failure_here() -> None:
    facts = {7: ("a",), 8: (None,)}
    with pytest.raises(ValidationError, match="could not validate c"):
        validate_facts([PRESENT], facts, ("other",), {"other": str})
    (result,) = validate_facts([PRESENT], facts, ("cell",), {"cell": str})
    assert (result.check, result.element_count, result.failing) == (PRESENT, 2, (8,))


def test_child_ends_with_a_parent_that_was_killed() -> None:
    parent = run_python(
        "import sys, time; from silkwire.validate import prepare_validator;"
        "prepare_validator(); print('ready', flush=True); time.sleep(60)"
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "ready\n"
    (child,) = list_children(parent.pid)
    parent.kill()
    parent.communicate()
    child.wait(60)
    assert not child.is_running()


def test_process_forked_from_one_with_a_child_gets_its_own() -> None:
    script = (
        "import os; from silkwire.validate.engine.process import _Validator, prepare_validator;"
        "prepare_validator(); first = _Validator.get().pid; other = os.fork();\n"
        "if other == 0:\n"
        "    prepare_validator(); print(_Validator.get().pid != first, flush=True); os._exit(0)\n"
        "os.waitpid(other, 0); prepare_validator(); print(_Validator.get().pid == first)"
    )
    printed, _ = run_python(script).communicate()
    assert printed == "True\nTrue\n"


def test_scipy_and_altair_wait_until_they_are_needed_and_then_work() -> None:
    script = (
        "import sys;"
        "from silkwire.validate.engine.importing import import_great_expectations as load;"
        "load(); print('scipy.stats._stats_py' in sys.modules, 'altair.vegalite' in sys.modules);"
        "from scipy import stats; print(stats.entropy([1, 1], base=2))"
    )
    printed, _ = run_python(script).communicate()
    assert printed == "False False\n1.0\n"
