"""Read robots.txt (RFC 9309): whether it lets this program fetch a url. Pure.

Rules are matched without regular expressions: a hostile file could make those take very long.
"""

import re
from urllib.parse import quote, urlsplit

PRODUCT = "silkwire"
MAX_BYTES = 512_000  # RFC 9309 §2.5 asks for at least 500 KiB; the rest is ignored
_MAX_RULES = 10_000
_LINE = re.compile(r"\r\n|\r|\n")
_TOKEN = re.compile(r"[A-Za-z_-]+|\*")
_ENCODED = re.compile(r"%([0-9A-Fa-f]{2})")
_LEGAL = "!#$%&'()*+,-./:;=?@[]_~"


def may_read(robots: bytes, url: str, product: str = PRODUCT) -> bool:
    """Whether the rules for `product` allow `url`; without such rules, those for `*` decide.

    The longest matching rule decides; of two equally long rules, the one that allows decides
    (§2.2.2).
    """
    parts = urlsplit(url)
    path = _normalize((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))
    if path == "/robots.txt":
        return True
    rules = _find_rules(robots[:MAX_BYTES], product.lower())
    matching = [(len(rule), is_allowed) for rule, is_allowed in rules if _matches(rule, path)]
    _, is_allowed = max(matching, default=(0, True))
    return is_allowed


def _find_rules(robots: bytes, product: str) -> list[tuple[str, bool]]:
    """The rules of all groups that name the product, else of all groups that name `*`.

    A rule is a path and whether it is allowed.
    """
    groups: dict[str, list[tuple[str, bool]]] = {}
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
                    groups[agent].append((_normalize(value), name == "allow"))
    return groups.get(product, groups.get("*", []))


def _normalize(path: str) -> str:
    """Percent-encode octets outside ASCII and decode unreserved ones (§2.2.2)."""

    def decode(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        is_unreserved = character.isascii() and (character.isalnum() or character in "-._~")
        return character if is_unreserved else match[0].upper()

    return _ENCODED.sub(decode, quote(path, safe=_LEGAL))


def _matches(rule: str, path: str) -> bool:
    """Whether `path` starts with `rule`: `*` is any text, a final `$` the end (§2.2.3)."""
    pattern = rule[:-1] if rule.endswith("$") else rule + "*"
    first, *rest = pattern.split("*")
    if not rest:
        return path == first
    if not path.startswith(first):
        return False
    position = len(first)
    for piece in rest[:-1]:
        found = path.find(piece, position)
        if found < 0:
            return False
        position = found + len(piece)
    return path.endswith(rest[-1]) and len(path) - len(rest[-1]) >= position
