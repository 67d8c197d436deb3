"""The figures of `make bench`: ratios, tables and the documents with them; and its parts run."""

import json
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from feedpublisher import ENTRIES, make_document, publish
from figures import HIGHLIGHTS, Figure, alternate, read_figure, write_markdown
from homes import describe_environment, throwaway_home
from run import (
    END,
    NAMES,
    PERFORMANCE,
    README,
    RESULTS,
    START,
    replace_section,
    write_all,
    write_highlights,
)

from helpers.places import ROOT

BENCHMARKS = ROOT / "benchmarks"


def test_a_cost_is_better_when_it_is_less_and_the_median_round_counts() -> None:
    figure = Figure("start", "s", [1, 2, 4], "peer", [4, 4, 4], is_cost=True, target=2.0)
    assert figure.ratios == [4, 2, 1]
    assert (figure.ratio, figure.is_met) == (2, True)


def test_a_limit_stands_beside_every_round() -> None:
    figure = Figure("load", "rows/s", [10, 30], "limit", [20], target=1.5)
    assert figure.ratios == [0.5, 1.5]
    assert not figure.is_met


def test_contenders_take_turns_in_the_opposite_order_each_round() -> None:
    order: list[str] = []

    def run(name: str) -> float:
        order.append(name)
        return len(order)

    values = alternate({"a": lambda: run("a"), "b": lambda: run("b")}, 2)
    assert order == ["a", "b", "b", "a"]
    assert values == {"a": (1, 4), "b": (2, 3)}


def test_table_says_what_is_missed() -> None:
    assert write_markdown(
        [
            Figure("parse", "entries/s", [1500.4], "feedparser", [1000]),
            Figure("start", "s", [2, 3], "limit", [1.5], is_cost=True, target=1.0),
        ]
    ) == (
        "|  | silkwire | beside | times better | target |\n"
        "|---|--:|---|--:|---|\n"
        "| parse, entries/s | 1,500 | feedparser: 1,000 | 1.50 |  |\n"
        "| start | 2.5 s | limit: 1.5 s | 0.62 (0.50–0.75) | ≥ 1, missed |"
    )


@pytest.mark.parametrize("file", [README, PERFORMANCE])
def test_section_of_a_document_is_replaced_and_nothing_else(file: Path) -> None:
    assert replace_section(f"a\n{START}\nold\n{END}\nb", "new") == f"a\n{START}\n\nnew\n\n{END}\nb"
    with pytest.raises(ValueError, match="needs the lines"):
        replace_section("a", "new")
    assert replace_section(file.read_text("utf-8"), "new").count("\nnew\n") == 1


MACHINE = {
    "date": "2026-01-01", "commit": "c", "cores": 2, "cpu": "X", "memory_gb": 4, "os": "Debian",
    "python": "3.11", "postgresql": "18", "load_at_start": 0,
}  # fmt: skip


def make_entry(figure: Figure, *, is_quick: bool = False, **machine: object) -> dict[str, object]:
    described = [figure.describe()]
    return {"machine": MACHINE | machine, "is_quick": is_quick, "figures": described}


def test_all_rows_say_where_and_how_small_they_were_measured() -> None:
    figure = Figure("parse", "entries/s", [20], "feedparser", [10])
    assert write_all({"parse": make_entry(figure, is_quick=True)}) == (
        write_markdown([figure]) + "\n\nMeasured: Smaller runs with fewer rounds: parse."
        "\n\n- parse: 2026-01-01 at commit c on 2 cores of X with 4 GB,"
        " Debian, Python 3.11, PostgreSQL 18"
    )


def test_readme_has_the_highlights_and_one_line_of_date_and_machine() -> None:
    shown = Figure("parse", "entries/s", [20], "feedparser", [10])
    other = Figure("parse", "entries/s", [20], "a peer of no interest", [10])
    load = Figure("load", "rows of core/s", [2], "bare COPY", [4])
    parse = make_entry(shown, is_quick=True)
    parse["figures"] = [other.describe(), shown.describe()]
    report = {"parse": parse, "load": make_entry(load, date="2026-01-03", load_at_start=3)}
    assert write_highlights(report) == (
        write_markdown([shown, load]) + "\n\nMeasured 2026-01-01 to 2026-01-03 on 2 cores of X with"
        " 4 GB, Debian, Python 3.11, PostgreSQL 18 (load: while other work ran)."
        " Smaller runs with fewer rounds: parse."
    )


def test_documents_show_what_the_results_hold() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    for file, section in ((README, write_highlights(results)), (PERFORMANCE, write_all(results))):
        document = file.read_text("utf-8")
        assert replace_section(document, section) == document
    measured = {read_figure(row).key for entry in results.values() for row in entry["figures"]}
    assert len(HIGHLIGHTS) == 12
    assert measured >= HIGHLIGHTS


def test_every_benchmark_is_part_of_the_command() -> None:
    assert {path.stem for path in BENCHMARKS.glob("bench_*.py")} == {f"bench_{n}" for n in NAMES}


def test_generated_feeds_are_alike_in_size_and_answer_304() -> None:
    assert make_document(7) == make_document(7) != make_document(8)
    assert make_document(7).count(b"<item>") == ENTRIES
    with publish(3, is_real=False) as urls:
        with urllib.request.urlopen(urls[2]) as answer:
            assert answer.read() == make_document(2)
            etag = answer.headers["ETag"]
        request = urllib.request.Request(urls[2], headers={"If-None-Match": etag})
        with pytest.raises(urllib.error.HTTPError, match="304"):
            urllib.request.urlopen(request)


def test_a_home_is_gone_when_its_benchmark_was_killed() -> None:
    script = (
        "import os, signal\nfrom homes import throwaway_home\n"
        "with throwaway_home() as settings:\n"
        "    print(settings.home.parent, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", script], cwd=BENCHMARKS, stdout=subprocess.PIPE, text=True
    )
    # ends when the cleaner, which has this pipe too, is done
    folder, _ = killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    assert not Path(folder.strip()).exists()


def test_a_home_has_its_settings_in_the_environment() -> None:
    with throwaway_home() as settings:
        environment = describe_environment(settings)
        assert environment["SILKWIRE_HOME"] == str(settings.home)
        assert settings.home.parent.exists()
    assert not settings.home.parent.exists()


def test_one_benchmark_by_itself_shows_its_table(tmp_path: Path) -> None:
    file = tmp_path / "figures.json"
    subprocess.run(
        [sys.executable, "run.py", "--quick", "--only", "match", "--rounds", "1", "--json", file],
        cwd=BENCHMARKS,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    report = json.loads(file.read_text("utf-8"))
    assert {"cpu", "cores", "memory_gb", "os", "python", "postgresql", "commit"} <= {
        *report["match"]["machine"]
    }
    beside = [figure["beside"] for figure in report["match"]["figures"]]
    assert beside == ["its lexical pass alone", "a regex alternation", "a plain Boolean filter"]
