"""What a robots.txt allows (RFC 9309). Pure; one pass and no patterns that a server can blow up."""

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

PRODUCT = "silkwire"
MAX_BYTES = 512_000
"""RFC 9309 §2.5 wants at least 500 KiB read; what lies behind is ignored."""
_MAX_RULES = 10_000
_LINE = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"[A-Za-z_-]+|\*")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_LEGAL = "!#$%&'()*+,-./:;=?@[]_~"


@dataclass(frozen=True, slots=True)
class _Rule:
    is_allowed: bool
    path: str


def may_read(robots: bytes, url: str, product: str = PRODUCT) -> bool:
    """Whether the rules for `product`, or else those for everyone, let it read `url`.

    The longest rule that fits decides, an allowing one where two are as long (§2.2.2).
    """
    parts = urlsplit(url)
    path = _normalize((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    if path == "/robots.txt":
        return True
    rules = _choose_rules(robots[:MAX_BYTES], product.lower())
    fitting = [rule for rule in rules if _fits(rule.path, path)]
    best = max(fitting, key=lambda rule: (len(rule.path), rule.is_allowed), default=None)
    return best is None or best.is_allowed


def _choose_rules(robots: bytes, product: str) -> list[_Rule]:
    """All groups that name the product are one; those of `*` count only where there are none."""
    groups: dict[str, list[_Rule]] = {}
    agents: list[str] = []
    is_in_rules, rule_count = False, 0
    for line in _LINE.split(robots.decode("utf-8-sig", "replace")):
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            agents = [] if is_in_rules else agents
            is_in_rules = False
            if token := _TOKEN.match(value):
                agents.append(token[0].lower())
                groups.setdefault(agents[-1], [])
        elif name in ("allow", "disallow"):
            is_in_rules = True
            rule_count += 1
            if value and rule_count <= _MAX_RULES:
                for agent in {*agents} & {product, "*"}:
                    groups[agent].append(_Rule(name == "allow", _normalize(value)))
    return groups.get(product, groups.get("*", []))


def _normalize(path: str) -> str:
    """Octets outside ASCII percent-encoded, unreserved ones not (§2.2.2)."""

    def decode(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        is_unreserved = character.isascii() and (character.isalnum() or character in "-._~")
        return character if is_unreserved else match[0].upper()

    return _ENCODED.sub(decode, quote(path, safe=_LEGAL))


def _fits(rule: str, path: str) -> bool:
    """Whether `path` begins as `rule` says: `*` is anything, a final `$` the end (§2.2.3)."""
    is_whole = rule.endswith("$")
    first, *rest = rule.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place = len(first)
    for piece in rest[:-1]:
        place = path.find(piece, place)
        if place < 0:
            return False
        place += len(piece)
    if not rest:
        return not is_whole or path == first
    if is_whole:
        return path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= place
    return path.find(rest[-1], place) >= 0
