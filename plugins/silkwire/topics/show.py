"""Show a decision and its reasons on a terminal."""

from rich.text import Text

from silkwire.model import TopicDecision

_FOR, _AGAINST = "bold green", "bold red"
_FACTORS_SHOWN = 12


def show_decision(decision: TopicDecision, title: str | None, summary: str | None) -> Text:
    """The decision, the text with its spans in colour, and the weight of each rule and factor."""
    answer = "on topic" if decision.is_match else "off topic"
    shown = Text()
    shown.append(f"{decision.topic}: {answer}", _FOR if decision.is_match else _AGAINST)
    shown.append(f"  score {decision.score:.2f}")
    shown.append(f"  scope {decision.scope}" if decision.scope else "")
    shown.append(f"  flags {', '.join(decision.flags)}" if decision.flags else "")
    for name, text in (("title", title), ("summary", summary)):
        if text and any(span.field == name for span in decision.evidence):
            shown.append("\n  ").append(_colour_spans(decision, name, text))
    weights: dict[str, tuple[float, list[str]]] = {}
    for span in decision.evidence:
        weights.setdefault(span.rule, (span.weight, []))[1].append(span.text)
    for rule, (weight, texts) in weights.items():
        shown.append(f"\n  {weight:+6.2f}  {rule}: {' · '.join(texts)}")
    factors = sorted(decision.factors, key=lambda factor: -abs(factor.weight))
    for factor in factors[:_FACTORS_SHOWN]:
        shown.append(f"\n  {factor.weight:+6.2f}  {factor.name}", "dim")
    if len(factors) > _FACTORS_SHOWN:
        shown.append(f"\n          and {len(factors) - _FACTORS_SHOWN} smaller factors", "dim")
    return shown


def _colour_spans(decision: TopicDecision, field: str, text: str) -> Text:
    coloured = Text(text)
    for span in decision.evidence:
        if span.field == field:
            coloured.stylize(_FOR if span.weight >= 0 else _AGAINST, span.start, span.end)
    return coloured
