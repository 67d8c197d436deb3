"""Change one thing in a module that decides, and see that a test fails: `make mutants SAMPLE=300`.

    PYTHONPATH=tests python -m mutants [--sample 300] [--seed 1] [--only feeds]

mutmut makes the mutants and runs the tests that reach each, in a copy of the checkout. Ends with 1
if less than 92% of the sample are killed. Survivors are printed with what was changed; one that
behaves as the original does is named in `modules.py`, and does not count.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents
from mutmut.utils.format_utils import get_mutant_name

from helpers.places import ROOT
from mutants.modules import EQUIVALENT, LEFT_OUT, MODULES, TESTS

LEAST = 0.92
_PACKAGE = Path("src", "silkwire")
"""Where mutmut expects a package: `plugins/` would become a part of its name."""
_NOT_COPIED = shutil.ignore_patterns(".*", "__pycache__", "plugins", "peers", "browser", "cluster")


def main() -> int:
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--sample", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="modules whose path has this in it")
    options = parser.parse_args()
    modules = [module for module in MODULES if options.only in module]
    with tempfile.TemporaryDirectory(prefix="silkwire-mutants-") as name:
        checkout = Path(name) / "checkout"
        copy_checkout(checkout, modules)
        mutants = list_mutants(checkout, modules)
        sample = random.Random(options.seed).sample(mutants, min(options.sample, len(mutants)))
        statuses = try_mutants(checkout, sample)
        survivors = {
            mutant: show_change(checkout, mutant)
            for mutant, status in sorted(statuses.items())
            if status not in {"killed", "timeout"}
        }
    return report(len(mutants), statuses, survivors, options.seed)


def copy_checkout(target: Path, modules: Sequence[str]) -> None:
    """The checkout without its hidden files, arranged and configured for mutmut."""
    shutil.copytree(ROOT, target, ignore=_NOT_COPIED)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "plugins" / "silkwire", target / _PACKAGE, ignore=ignore)
    copied = sorted(path.name for path in target.iterdir() if path.name not in {"src", "tests"})
    settings = {
        "source_paths": ["src"],
        "use_git_change_detection": False,
        "only_mutate": [str(_PACKAGE / module) for module in modules],
        "also_copy": copied,
        "pytest_add_cli_args_test_selection": [f"tests/{path}" for path in TESTS],
        "pytest_add_cli_args": [
            "--hypothesis-seed=0",
            *(f"--ignore=tests/{path}" for path in LEFT_OUT),
        ],
    }
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    with (target / "pyproject.toml").open("a", encoding="utf-8") as pyproject:
        pyproject.writelines(["\n[tool.mutmut]\n", *lines])


def list_mutants(checkout: Path, modules: Sequence[str]) -> list[str]:
    """The names that mutmut gives to all mutants of these modules."""
    return [
        get_mutant_name(_PACKAGE / module, name)
        for module in modules
        for name in mutate_file_contents(
            module, (checkout / _PACKAGE / module).read_text("utf-8")
        ).mutant_names
    ]


def try_mutants(checkout: Path, sample: Sequence[str]) -> dict[str, str]:
    """What became of each: `killed`, `timeout`, `survived`, `no tests`, …"""
    run_mutmut(checkout, "run", *sample)
    lines = run_mutmut(checkout, "results", "--all", "true").splitlines()
    found = dict(line.strip().rsplit(": ", 1) for line in lines if ": " in line)
    return {mutant: found[mutant] for mutant in sample}


def show_change(checkout: Path, mutant: str) -> str:
    """The mutant's difference from the original, without its head."""
    lines = run_mutmut(checkout, "show", mutant).splitlines()
    return "\n".join(line for line in lines if line[:1] in {"-", "+"} and line[:3] not in _HEAD)


_HEAD = {"---", "+++"}


def run_mutmut(checkout: Path, *arguments: str) -> str:
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    environment = os.environ | {"PYTHONPATH": "", "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(done.stdout[-8000:] + done.stderr[-8000:])
    return done.stdout


def report(
    mutant_count: int, statuses: dict[str, str], survivors: dict[str, str], seed: int
) -> int:
    """Print survivors and scores; the exit code."""
    equal = {mutant for mutant, change in survivors.items() if explain(mutant, change)}
    for mutant, change in survivors.items():
        why = explain(mutant, change)
        print(f"{mutant}: {f'equivalent, {why}' if why else statuses[mutant]}\n{change}\n")
    counted = [mutant for mutant in statuses if mutant not in equal]
    by_module = Counter(map(module_of, counted))
    lost = Counter(module_of(mutant) for mutant in survivors if mutant not in equal)
    for module, count in sorted(by_module.items()):
        print(f"{1 - lost[module] / count:6.0%} of {count:3} killed in {module}")
    score = 1 - lost.total() / max(1, len(counted))
    print(
        f"{score:.1%} of {len(counted)} mutants killed, {len(equal)} equivalent"
        f" (a sample of {mutant_count}, seed {seed})"
    )
    return 0 if score >= LEAST else 1


def explain(mutant: str, change: str) -> str | None:
    """Why it is equivalent, if `modules.py` says so."""
    lines = [f"{line[0]} {line[1:].strip()}" for line in change.splitlines()]
    last = next(reversed(lines), "")  # what stands there now, or what is gone
    return EQUIVALENT.get(module_of(mutant), {}).get(last)


def module_of(mutant: str) -> str:
    return mutant.removeprefix("silkwire.").rpartition(".")[0].replace(".", "/") + ".py"


if __name__ == "__main__":
    raise SystemExit(main())
