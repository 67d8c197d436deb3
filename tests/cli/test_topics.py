"""`silkwire topics`: the fixed JSON of `match`, and what the other commands print."""

import json

import pytest
from typer.testing import CliRunner

from silkwire.cli.app import app
from silkwire.errors import ConfigError
from silkwire.topics.evaluate import compute_wilson_interval, is_held_out

HEADER = (
    "id\tlang\tstratum\tweight\tai\tchina_travel\tscope\tsure\toutlet\tpublished\ttitle\tsummary"
)
ROWS = """\
a\ten\tx\t2.0\t1\t0\t-\t1\tO\t2025-01-01\tAI in schools\t
b\ten\tx\t2.0\t0\t1\toutbound\t1\tO\t2025-01-01\tChinese tourists return to Paris\t
c\tzh\ty\t1.0\t1\t0\t-\t1\tO\t2025-01-01\t市议会开会\t
"""


def run(*arguments, text=None):
    return CliRunner().invoke(app, ["topics", *arguments], input=text, catch_exceptions=True)


def test_match_writes_one_line_for_each_with_every_topic():
    lines = '{"id": 7, "title": "AI in schools"}\n\n{"id": "x", "title": "", "summary": null}\n'
    first, second = map(json.loads, run("match", text=lines).stdout.splitlines())
    assert first["id"] == 7
    assert first["topics"]["ai"]["decision"] is True
    assert first["topics"]["ai"]["scope"] is None
    span = first["topics"]["ai"]["evidence"][0]
    assert {k: span[k] for k in ("field", "start", "end", "text")} == {
        "field": "title",
        "start": 0,
        "end": 2,
        "text": "AI",
    }
    assert second["id"] == "x"
    assert set(second["topics"]) == {"ai", "china_travel"}
    assert second["topics"]["china_travel"]["decision"] is False
    assert second["topics"]["china_travel"]["evidence"] == []


def test_match_reads_a_file(tmp_path):
    file = tmp_path / "items.jsonl"
    file.write_text('{"id": 1, "title": "中國遊客", "language": "zh-Hant"}\n', "utf-8")
    answer = json.loads(run("match", str(file)).stdout)
    assert answer["topics"]["china_travel"]["decision"] is True


def test_match_names_the_line_that_is_no_request():
    result = run("match", text='{"id": 1, "title": "AI"}\n{"title": 5}\n')
    assert isinstance(result.exception, ConfigError)
    assert "line 2" in str(result.exception)


def test_explain_shows_spans_rules_and_verdicts():
    shown = run("explain", "Chinese tourists return to Paris").stdout
    assert "china_travel: on topic" in shown
    assert "tourists" in shown
    assert "ai: off topic" in shown


def test_check_tells_what_it_read():
    assert "no mistakes found" in run("check").stdout


def test_check_refuses_a_bad_rule(tmp_path, monkeypatch):
    (tmp_path / "topics").mkdir()
    (tmp_path / "topics" / "tea.yaml").write_text("topic: tea\ncolour: green\n", "utf-8")
    monkeypatch.setenv("SILKWIRE_CONFIG_DIR", str(tmp_path))
    result = run("check")
    assert isinstance(result.exception, ConfigError)
    assert "tea.yaml:2" in str(result.exception)


@pytest.fixture
def labelled(tmp_path):
    file = tmp_path / "labelled.tsv"
    file.write_text(f"{HEADER}\n{ROWS}", "utf-8")
    return file


def test_evaluate_counts_by_topic_language_and_stratum(labelled):
    figures = json.loads(run("evaluate", str(labelled), "--json").stdout)
    assert figures["ai"]["sure"]["precision"] == 1.0
    assert figures["ai"]["sure"]["recall"] == 0.5
    assert figures["ai"]["sure"]["weighted"]["recall"] == pytest.approx(2 / 3)
    assert figures["ai"]["sure zh"]["recall"] == 0.0
    assert figures["china_travel"]["sure x"]["f1"] == 1.0


def test_evaluate_lists_the_errors(labelled):
    assert "ai missed 0.00 line 4: 市议会开会" in run("evaluate", str(labelled)).stdout


def test_evaluate_splits_held_out_from_trained(labelled):
    held = json.loads(run("evaluate", str(labelled), "--held-out", "--json").stdout or "{}")
    count = sum(is_held_out(item) for item in "abc")
    assert held.get("ai", {"all": {"items": 0}})["all"]["items"] == count


def test_evaluate_refuses_a_bad_label(labelled):
    labelled.write_text(f"{HEADER}\n{ROWS}".replace("2.0\t1\t0", "2.0\tyes\t0", 1), "utf-8")
    result = run("evaluate", str(labelled))
    assert isinstance(result.exception, ConfigError)
    assert "labelled.tsv:2" in str(result.exception)


def test_held_out_items_are_three_in_ten():
    assert [is_held_out(item) for item in ("a", "b", "c", "d")].count(True) <= 4
    assert 0.27 < sum(is_held_out(str(n)) for n in range(10_000)) / 10_000 < 0.33


def test_wilson_interval_of_eight_in_ten():
    low, high = compute_wilson_interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.49, 0.943)
    assert compute_wilson_interval(0, 0) is None
