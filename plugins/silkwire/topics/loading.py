"""Load a ruleset from `config/topics/*.yaml`; errors name the file and line of a mistake."""

import hashlib
import json
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from silkwire.errors import ConfigError
from silkwire.markedyaml import MarkedYaml, Route, read_yaml
from silkwire.topics.check import check_rules, check_term
from silkwire.topics.lexicon import Term, build_lexicon, fold_term
from silkwire.topics.ruleset import LinearModel, Rule, Ruleset, TopicRules


def load_ruleset(config_dir: Path) -> Ruleset:
    """The ruleset of `<config_dir>/topics/`: each `*.yaml` and, if it exists, `<topic>.model.json`.

    `version` is the SHA-256 (hex) of these files' names and bytes. Raises ConfigError naming file
    and line for any mistake.
    """
    return load_rules(config_dir / "topics")


def load_rules(folder: Path) -> Ruleset:
    """Like `load_ruleset`, but from the folder that holds the files, whatever its name."""
    files = _list_files(folder)
    return _read_ruleset(files, _hash_files(files))


def list_topics(config_dir: Path) -> tuple[str, ...]:
    """The topics that `config_dir` has rules for, by the names of `topics/*.yaml`."""
    return tuple(sorted(file.stem for file in (config_dir / "topics").glob("*.yaml")))


def name_ruleset(config_dir: Path) -> str:
    """The `version` of `load_ruleset`, without parsing. Raises ConfigError without any rules."""
    return _hash_files(_list_files(config_dir / "topics"))


def _list_files(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(folder.glob("*.yaml")))
    if not files:
        raise ConfigError("there are no topic rules (*.yaml)", file=folder)
    return files


@lru_cache(maxsize=4)
def _read_ruleset(files: tuple[Path, ...], version: str) -> Ruleset:
    # Cached by version: each step of a batch loads the rules, and parsing takes a third of a
    # second.
    terms: list[Term] = []
    topics = tuple(_load_topic(file, terms) for file in files)
    return Ruleset(version, topics, build_lexicon(terms))


def _hash_files(files: tuple[Path, ...]) -> str:
    digest = hashlib.sha256()
    for file in sorted([*files, *files[0].parent.glob("*.model.json")]):
        content = file.read_bytes()
        digest.update(f"{file.name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _load_topic(file: Path, terms: list[Term]) -> TopicRules:
    """Load one topic. Its terms are appended to `terms`, its groups get the next free bits."""
    marked = read_yaml(file)
    check_rules(marked)
    data = marked.data
    used = max((term.group for term in terms), default=0)
    first_bit = used.bit_length()
    bits = {name: 1 << (first_bit + number) for number, name in enumerate(data["groups"])}
    for name in data["groups"]:
        terms.extend(_read_terms(marked, name, bits[name]))
    return TopicRules(
        topic=data["topic"],
        title=data["title"],
        threshold=data.get("threshold", 0.5),
        bias=data.get("bias", -2.0),
        summary_share=data.get("summary_share", 0.6),
        group_names={bit: name for name, bit in bits.items()},
        groups_mask=sum(bits.values()),
        candidates=tuple(
            tuple(_mask(part, bits) for part in parts) for parts in data["candidates"]
        ),
        rules=tuple(_read_rule(rule, bits) for rule in data["rules"]),
        flags=tuple((name, _mask(part, bits)) for name, part in data.get("flags", {}).items()),
        hiding_mask=sum(bits[n] for n, group in data["groups"].items() if group.get("hides")),
        model=_read_model(file.with_suffix(".model.json")),
    )


def _read_terms(marked: MarkedYaml, group: str, bit: int) -> list[Term]:
    content = marked.data["groups"][group]
    terms: list[Term] = []
    seen: set[tuple[str, bool, bool]] = set()
    for number, item in enumerate(content["terms"]):
        entry = item if isinstance(item, dict) else {"term": item}
        route = ("groups", group, "terms", number)
        case = entry.get("case", content.get("case", "any"))
        check_term(marked, route, entry)
        text = entry["term"].rstrip("*")
        term = Term(
            " ".join(text.split()),
            bit,
            case == "exact",
            entry["term"].endswith("*"),
            _read_date(marked, route, entry.get("from")),
            _read_date(marked, route, entry.get("until")),
        )
        key = (fold_term(text) if case == "any" else text, case == "exact", term.is_prefix)
        if key in seen:
            raise marked.fail(route, f"term '{entry['term']}' is in group '{group}' twice")
        seen.add(key)
        terms.append(term)
    return terms


def _read_date(marked: MarkedYaml, route: Route, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise marked.fail(route, f"'{value}' is no date; write YYYY-MM-DD") from exc


def _mask(part: str, bits: dict[str, int]) -> int:
    return sum({bits[name.strip()] for name in part.split("|")})


def _read_rule(rule: dict[str, Any], bits: dict[str, int]) -> Rule:
    within = rule.get("within", "sentence")
    return Rule(
        name=rule["name"],
        weight=float(rule.get("weight", 0.0)),
        parts=tuple(_mask(part, bits) for part in rule["all"]),
        within=within if isinstance(within, str) else "chars",
        within_chars=within if isinstance(within, int) else 0,
        is_ordered=rule.get("ordered", False),
        unless=_mask(rule["unless"], bits) if "unless" in rule else 0,
        is_head_only=rule.get("in") == "headline",
        scope=rule.get("scope"),
        is_veto=rule.get("veto", False),
        is_certain=rule.get("certain", False),
    )


def _read_model(file: Path) -> LinearModel | None:
    if not file.exists():
        return None
    try:
        data = json.loads(file.read_text("utf-8"))
        weights = {str(name): float(weight) for name, weight in data["weights"].items()}
        return LinearModel(float(data["bias"]), float(data["rules_weight"]), weights)
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        line = getattr(exc, "lineno", 1)
        raise ConfigError(f"is not a model: {exc!r}", file=file, line=line) from exc
