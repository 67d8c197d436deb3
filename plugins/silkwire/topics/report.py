"""The measurement as tables: by topic, and in each by language and stratum; errors listed."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from silkwire.topics.evaluate import Score, Verdict, compute_wilson_interval, score_verdicts

Slice = tuple[str, list[Verdict]]


def list_slices(verdicts: list[Verdict]) -> list[Slice]:
    """The slices of one topic's verdicts, each with its name; `sure` is what the bar is set on."""
    sure = [verdict for verdict in verdicts if verdict.item.is_sure]
    slices: list[Slice] = [("sure", sure), ("all", verdicts)]
    for language in sorted({verdict.item.language for verdict in sure}):
        part = [verdict for verdict in sure if verdict.item.language == language]
        slices.append((f"sure {language}", part))
    for stratum in sorted({verdict.item.stratum for verdict in sure}):
        part = [verdict for verdict in sure if verdict.item.stratum == stratum]
        slices.append((f"sure {stratum}", part))
    return slices


def describe_scores(verdicts: Iterable[Verdict]) -> dict[str, Any]:
    """The same figures as plain data, for `--json`."""
    return {
        topic: {
            name: {**_describe(score_verdicts(part)), "weighted": _describe_weighted(part)}
            for name, part in list_slices(members)
        }
        for topic, members in group_by_topic(verdicts).items()
    }


def group_by_topic(verdicts: Iterable[Verdict]) -> dict[str, list[Verdict]]:
    topics: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        topics.setdefault(verdict.decision.topic, []).append(verdict)
    return topics


def build_table(topic: str, verdicts: list[Verdict]) -> Table:
    """Precision, recall and F1 of each slice; the intervals are Wilson's at 95%."""
    table = Table(title=topic, title_justify="left")
    for heading in ("slice", "items", "P", "R", "F1", "weighted P", "weighted R"):
        justify: Any = "left" if heading == "slice" else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for name, part in list_slices(verdicts):
        score = score_verdicts(part)
        weighted = score_verdicts(part, is_weighted=True)
        table.add_row(
            name,
            str(score.item_count),
            _show_share(score.true_positives, score.true_positives + score.false_positives),
            _show_share(score.true_positives, score.true_positives + score.false_negatives),
            _show(score.f1),
            _show(weighted.precision),
            _show(weighted.recall),
        )
    return table


def list_errors(verdicts: Iterable[Verdict]) -> list[str]:
    """One line an error: what it should have been, its score, and what decided."""
    return [
        f"{verdict.decision.topic} {'missed' if verdict.is_labelled else 'wrong'} "
        f"{verdict.decision.score:.2f} line {verdict.item.line}"
        f"{'' if verdict.item.is_sure else ' (unsure)'}: {verdict.item.title} "
        f"[{', '.join(dict.fromkeys(span.rule for span in verdict.decision.evidence))}]"
        for verdict in verdicts
        if not verdict.is_right
    ]


def _describe(score: Score) -> dict[str, Any]:
    found = score.true_positives + score.false_positives
    there = score.true_positives + score.false_negatives
    return {
        "items": score.item_count,
        "precision": score.precision,
        "precision_interval": compute_wilson_interval(score.true_positives, found),
        "recall": score.recall,
        "recall_interval": compute_wilson_interval(score.true_positives, there),
        "f1": score.f1,
    }


def _describe_weighted(part: list[Verdict]) -> dict[str, Any]:
    score = score_verdicts(part, is_weighted=True)
    return {"precision": score.precision, "recall": score.recall, "f1": score.f1}


def _show_share(successes: float, trials: float) -> str:
    interval = compute_wilson_interval(successes, trials)
    if interval is None:
        return "–"
    return f"{successes / trials:.3f} [{interval[0]:.2f}–{interval[1]:.2f}]"


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
