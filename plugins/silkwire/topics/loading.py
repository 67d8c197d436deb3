"""Read and check `config/topics/*.yaml`: a ruleset, or one sentence with file and line."""

import hashlib
import json
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from silkwire.errors import ConfigError
from silkwire.markedyaml import MarkedYaml, read_yaml
from silkwire.topics.lexicon import Term, build_lexicon, fold_term
from silkwire.topics.lint import check_rules, check_term
from silkwire.topics.ruleset import LinearModel, Rule, Ruleset, TopicRules

_NAME_PATTERN = "^[a-z][a-z0-9_]*$"
"""As the schema has it for topics, groups, rules and flags."""


def load_ruleset(config_dir: Path) -> Ruleset:
    """The ruleset of `<config_dir>/topics/`: every `*.yaml`, with `<topic>.model.json` if there.

    `version` is the SHA-256 (hex) of these files' names and bytes. Raises ConfigError naming file
    and line for any mistake.
    """
    return load_rules(config_dir / "topics")


def load_rules(folder: Path) -> Ruleset:
    """As `load_ruleset`, from a folder of any name that holds the files."""
    files = _list_files(folder)
    return _read_ruleset(files, _hash_files(files))


def list_topics(config_dir: Path) -> tuple[str, ...]:
    """The topics that `config_dir` has rules for, unread: the names of `topics/*.yaml`."""
    return tuple(sorted(file.stem for file in (config_dir / "topics").glob("*.yaml")))


def name_ruleset(config_dir: Path) -> str:
    """The `version` that `load_ruleset` would give, unread. Raises ConfigError without rules."""
    return _hash_files(_list_files(config_dir / "topics"))


def _list_files(folder: Path) -> tuple[Path, ...]:
    files = tuple(sorted(folder.glob("*.yaml")))
    if not files:
        raise ConfigError("no topic rules (*.yaml) are there", file=folder)
    return files


@lru_cache(maxsize=4)
def _read_ruleset(files: tuple[Path, ...], version: str) -> Ruleset:
    # Kept by version: each step of a run asks again, and reading takes a third of a second.
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
    """One topic; its terms are added to `terms`, its groups get the next free bits."""
    marked = read_yaml(file)
    _check_schema(marked)
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


def _check_schema(marked: MarkedYaml) -> None:
    from jsonschema.exceptions import best_match  # noqa: PLC0415 - slow to import

    schema = _read_schema()
    if schema.is_valid(_leave_out_words(marked.data)):
        error = None
    else:
        error = best_match(schema.iter_errors(marked.data))
    if error is not None:
        place = ".".join(map(str, error.absolute_path)) or "the file"
        raise marked.fail(_locate(error), f"{place}: {_explain(error)}")
    if marked.data["topic"] != marked.file.stem:
        raise marked.fail(("topic",), f"topic must be '{marked.file.stem}', as the file's name")


def _leave_out_words(data: Any) -> Any:
    """The same rules without the terms that are mere words: most of what there is to check.

    A text that is not empty is a term, so the schema says the same of both.
    """
    if not (isinstance(data, dict) and isinstance(data.get("groups"), dict)):
        return data
    groups = dict(data["groups"])
    for name, group in groups.items():
        if isinstance(group, dict) and isinstance(group.get("terms"), list) and group["terms"]:
            rest = [term for term in group["terms"] if not (isinstance(term, str) and term)]
            groups[name] = group | {"terms": rest or ["word"]}
    return data | {"groups": groups}


def _locate(error: Any) -> tuple[str | int, ...]:
    """Where to look: the unknown key itself rather than the mapping that holds it."""
    route = tuple(error.absolute_path)
    if error.validator == "additionalProperties":
        unknown = [key for key in error.instance if key not in error.schema["properties"]]
        return (*route, unknown[0])
    return route


def _explain(error: Any) -> str:
    if error.validator_value == _NAME_PATTERN:
        return f"'{error.instance}' is no name: a-z, 0-9 and _ are possible, a letter comes first"
    return str(error.message)


@cache
def _read_schema() -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - slow to import

    file = Path(__file__).with_name("ruleset.schema.json")
    return Draft202012Validator(json.loads(file.read_text("utf-8")))


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


def _read_date(marked: MarkedYaml, route: tuple[str | int, ...], value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError as exc:
        raise marked.fail(route, f"'{value}' is no date: write YYYY-MM-DD") from exc


def _mask(part: str, bits: dict[str, int]) -> int:
    mask = 0
    for name in part.split("|"):
        mask |= bits[name.strip()]
    return mask


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
