"""Turn a title and a lead into tokens that the copies of one text share. Pure.

Both are folded (NFKC, case, Chinese variants), stripped of what each outlet adds to a copy (its
name after the title, a time stamp and the agency's line before the lead), and cut into tokens:
words, numbers, and single Han or kana characters. Numbers have one spelling: 1,000 is 1000, 3mn and
3 million are 3000000.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache

LEAD_TOKENS = 100
"""Tokens that count as the lead. Publishers cut summaries after 100 to 500 characters, so later
text is seldom in both copies."""
_TITLE_TOKENS = 60
_MAX_TITLE, _MAX_LEAD = 500, 2_000
"""How many characters are read; the rest is ignored."""

_HAN = ((0x3400, 0xA000), (0xF900, 0xFB00))
_TOKEN = re.compile(
    r"(?P<number>\d+(?:,\d{3})*(?:\.\d+)?)(?:\s?(?P<scale>mn|million|bn|billion|tn|trillion|[mk])\b)?"
    r"|[\u3040-\u30ff\u3400-\u9fff]"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff]+"
)
_SCALES = {"k": 3, "m": 6, "mn": 6, "million": 6, "bn": 9, "billion": 9, "tn": 12, "trillion": 12}
_INITIALS = re.compile(r"\b(?:[a-z][._]){2,}")
_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4\u00ad\u200b]")
# After the last bar or spaced hyphen, without a digit: "… - CNET", "… | LIVE".
_OUTLET_TAIL = re.compile(r"\s(?:[-\u2013\u2014|]{1,2})\s[^\d|]{2,30}$|\s*\|\s*$")
_PAST_LIVE = re.compile(r"\bas it happened\b")
_MONTH = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_STAMPS = re.compile(
    r"(?:published:\s*)?\d{4}-\d{2}-\d{2}(?:[\sT]\d{2}:\d{2}(?::\d{2})?)?\s*"
    rf"|{_MONTH} \d{{1,2}}, \d{{4}}(?: \d{{1,2}}:\d{{2}} [ap]m)?\s*"
    r"|[^\d.!?:]{2,30}\((?:ap|afp|reuters|upi|cnn|xinhua|ians)\)\s?[-\u2013\u2014]+\s*"
    r"|(?:singapore|beijing|washington|london|tokyo|hong kong)\s?[-\u2013\u2014]+\s*"
    r"|(?:新华社|中新社|中新网)[^,，。]{2,14}电\s*"
    r"|央视网消息\s?\([^)]{2,8}\):?\s*"
    r"|据[^,，。]{2,10}(?:报道|消息)?[,，:]\s*"
)
# A lead that is only a picture's caption, with its credit at the end, is not about the article.
_CAPTION = re.compile(
    r"^.{20,600}\((?:[^()]{0,80}(?:/|\bvia\b)[^()]{0,80}|[^()]{0,60}\bphotos?)\)\.?$"
)
_LINKS = re.compile(r"\b(?:https?://|www\.)\S+|[#@][^\W\d]\w*")
# hnrss.org writes this under every entry.
_COUNTERS = re.compile(r"article url:\s*comments url:\s*points: \d+\s*(?:# )?comments: \d+")
_POST_TAIL = re.compile(r"\s*the post .{1,300} appeared first on .{1,80}$")


Tokens = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ArticleText:
    """The parts of an article that are compared, with its outlet and date."""

    title: str | None
    lead: str | None
    """The summary, or the body if there is no summary."""
    outlet: str | None = None
    published_at: datetime | None = None
    body: str | None = None
    """The body, or the summary if there is no body; only `is_surely_one_text` reads it."""


@dataclass(frozen=True, slots=True)
class TokenizedText:
    """The tokens of a title and of a lead. The lead is empty if it only repeats the title."""

    title: Tokens
    lead: Tokens
    outlet: str | None = None
    published_at: datetime | None = None


def tokenize(text: ArticleText) -> TokenizedText:
    named = _PAST_LIVE.sub("live", _strip_outlet(fold((text.title or "")[:_MAX_TITLE])))
    title = _cut_tokens(named)[:_TITLE_TOKENS]
    lead = _cut_tokens(_strip_stamps(fold((text.lead or "")[:_MAX_LEAD])))[:LEAD_TOKENS]
    if lead[: len(title)] == title and len(lead) <= len(title) + 2:
        lead = ()
    return TokenizedText(title, lead, text.outlet, text.published_at)


def fold(text: str) -> str:
    """NFKC, lower case, Simplified Chinese, single spaces, no apostrophes, and U.S. as us."""
    plain = unicodedata.normalize("NFKC", text).translate(_simplified()).lower()
    plain = _APOSTROPHES.sub("", plain)
    plain = _INITIALS.sub(lambda found: re.sub("[._]", "", found[0]), plain)
    return " ".join(plain.split())


def is_number(token: str) -> bool:
    return token[0].isdigit()


@lru_cache(maxsize=2_000)
def has_han(tokens: Tokens) -> bool:
    """Whether any of the tokens is in a script without spaces between words."""
    return any("\u3040" <= token[0] <= "\u9fff" for token in tokens)


def _strip_outlet(title: str) -> str:
    tail = _OUTLET_TAIL.search(title)
    if tail is None:
        return title
    head = title[: tail.start()]
    # A tail as long as the rest is not a name: "Column - What it is about today".
    return head if len(_cut_tokens(tail[0])) < len(_cut_tokens(head)) else title


def _strip_stamps(lead: str) -> str:
    lead = _COUNTERS.sub("", _LINKS.sub("", _POST_TAIL.sub("", lead)))
    if _CAPTION.match(lead):
        return ""
    while found := _STAMPS.match(lead):
        lead = lead[found.end() :]
    return lead


def _cut_tokens(text: str) -> Tokens:
    return tuple(_write_token(found) for found in _TOKEN.finditer(text))


def _write_token(found: re.Match[str]) -> str:
    number = found["number"]
    if number is None:
        return found[0]
    plain = number.replace(",", "")
    if not found["scale"]:
        return plain
    whole, _, fraction = plain.partition(".")
    scale = _SCALES[found["scale"]]
    return whole + fraction[:scale].ljust(scale, "0")


@cache
def _simplified() -> dict[int, str]:
    """Traditional to Simplified, character by character, from OpenCC's tables."""
    import opencc  # noqa: PLC0415 - heavy, and needed only where texts are compared

    han = [chr(code) for start, end in _HAN for code in range(start, end)]
    simple = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {ord(c): s for c, s in zip(han, simple, strict=True) if c != s and len(s) == 1}
