"""Show the measurement of the rules: tables by topic, language and stratum, and the errors."""

from collections.abc import Iterable
from typing import Any

from rich.table import Table

from silkwire.topics.evaluate import LabelledDecision, compute_wilson_interval, score_decisions


def list_slices(decisions: list[LabelledDecision]) -> dict[str, list[LabelledDecision]]:
    """The slices of one topic's decisions by name; the targets apply to the slice `sure`."""
    sure = [found for found in decisions if found.item.is_sure]
    slices = {"sure": sure, "all": decisions}
    for name in ("language", "stratum"):
        for value in sorted({getattr(found.item, name) for found in sure}):
            slices[f"sure {value}"] = [f for f in sure if getattr(f.item, name) == value]
    return slices


def describe_scores(decisions: Iterable[LabelledDecision]) -> dict[str, Any]:
    """The figures of every topic and slice as plain data, for `--json`."""
    return {
        topic: {name: _describe(part) for name, part in list_slices(members).items()}
        for topic, members in group_by_topic(decisions).items()
    }


def group_by_topic(decisions: Iterable[LabelledDecision]) -> dict[str, list[LabelledDecision]]:
    topics: dict[str, list[LabelledDecision]] = {}
    for found in decisions:
        topics.setdefault(found.decision.topic, []).append(found)
    return topics


def build_table(topic: str, decisions: list[LabelledDecision]) -> Table:
    """Precision, recall and F1 of each slice, with Wilson's intervals at 95%."""
    table = Table(title=topic, title_justify="left")
    for heading in ("slice", "items", "P", "R", "F1", "weighted P", "weighted R"):
        justify: Any = "left" if heading == "slice" else "right"
        table.add_column(heading, justify=justify, no_wrap=True)
    for name, part in list_slices(decisions).items():
        score = score_decisions(part)
        weighted = score_decisions(part, is_weighted=True)
        table.add_row(
            name,
            str(score.item_count),
            _show_share(score.true_positives, score.matched),
            _show_share(score.true_positives, score.labelled),
            _show(score.f1),
            _show(weighted.precision),
            _show(weighted.recall),
        )
    return table


def list_errors(decisions: Iterable[LabelledDecision]) -> list[str]:
    """One line for each wrong decision: its kind, its score, the text and the rules that fired."""
    return [
        f"{found.decision.topic} {'missed' if found.is_labelled else 'wrong'} "
        f"{found.decision.score:.2f} line {found.item.line}"
        f"{'' if found.item.is_sure else ' (unsure)'}: {found.item.title} "
        f"[{', '.join(dict.fromkeys(span.rule for span in found.decision.evidence))}]"
        for found in decisions
        if not found.is_right
    ]


def _describe(part: list[LabelledDecision]) -> dict[str, Any]:
    score = score_decisions(part)
    weighted = score_decisions(part, is_weighted=True)
    return {
        "items": score.item_count,
        "precision": score.precision,
        "precision_interval": compute_wilson_interval(score.true_positives, score.matched),
        "recall": score.recall,
        "recall_interval": compute_wilson_interval(score.true_positives, score.labelled),
        "f1": score.f1,
        "weighted": {name: getattr(weighted, name) for name in ("precision", "recall", "f1")},
    }


def _show_share(successes: float, trials: float) -> str:
    interval = compute_wilson_interval(successes, trials)
    if interval is None:
        return "–"
    return f"{successes / trials:.3f} [{interval[0]:.2f}–{interval[1]:.2f}]"


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
