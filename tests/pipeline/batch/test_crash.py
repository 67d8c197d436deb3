"""Killed anywhere, the next ordinary run ends with what a run that was never killed leaves."""

from collections.abc import Iterator

import pytest

from crash.disk import NoDiskError
from crash.faults import FAULTS, run_fault
from crash.rounds import Reference, choose_kills, run_reference, run_round
from crash.world import World

pytestmark = pytest.mark.slow
ROUNDS = 30
SEED = 20261128


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    with World() as world:
        yield world


@pytest.fixture(scope="module")
def reference(world: World) -> Reference:
    return run_reference(world)


def test_thirty_killed_runs_lose_nothing_double_nothing_and_leave_nothing_behind(
    world: World, reference: Reference
) -> None:
    chosen = choose_kills(reference, ROUNDS, SEED)
    rounds = [run_round(world, reference, kills) for kills in chosen]
    assert [one for one in rounds if one.broken] == []


@pytest.mark.parametrize("name", FAULTS)
def test_after_a_fault_the_next_run_leaves_what_one_without_it_leaves(
    world: World, reference: Reference, name: str
) -> None:
    try:
        assert not run_fault(world, reference, name, SEED).broken
    except NoDiskError as exc:
        pytest.skip(str(exc))


@pytest.mark.parametrize(
    "change",
    ["open feeds-000.jsonl", "os.rename feeds-000.jsonl", "os.rename 000.warc.gz"],
)
def test_killed_while_a_file_appears_leaves_neither_half_of_it_nor_a_folder_of_no_batch(
    world: World, reference: Reference, change: str
) -> None:
    kills = (reference.find(*change.split()),)
    assert not run_round(world, reference, kills).broken
