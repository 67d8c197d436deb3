"""Scan a text for the rules: fold it, and find its hits, sentences and headline. Pure."""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from silkwire.model import Evidence
from silkwire.topics.folding import FoldedText, fold_text
from silkwire.topics.lexicon import Hit, Lexicon, is_word_character

if TYPE_CHECKING:
    from silkwire.topics.ruleset import TopicRules

FIELD_BREAK = "\x1f"
TITLE_CHARACTERS = 400
"""The number of characters read of a title: longer ones are no headlines, and the time that rules
take grows with the square of the hits."""
SUMMARY_CHARACTERS = 400
"""The number of characters read of a summary: the item is seldom about what follows."""
_SENTENCE_END = re.compile(r"[!?]+|。|；|(?<!\b[a-z])(?<!\bmr)(?<!\bdr)(?<!\bst)\.(?=\s|$)|; |\x1f")
_HAN = re.compile("[\u3400-\u9fff]")
_KANA = re.compile("[\u3040-\u30ff]")


@dataclass(slots=True, eq=False)
class ScannedText:
    """Title and summary joined, with what was found in them.

    Not frozen: one is made for every text, and a frozen dataclass takes four times as long to make.
    """

    title: str
    summary: str
    folded: FoldedText
    summary_start: int
    """The position of the summary in the folded text."""
    hits: list[Hit]
    present: int
    """The groups of all hits."""
    _breaks: list[int] = field(default_factory=list)

    def select_hits(self, rules: "TopicRules") -> list[Hit]:
        """The hits of one topic's groups, ordered by start, without hidden ones."""
        mask, hiding = rules.groups_mask, rules.hiding_mask
        hits = [Hit(s, e, g & mask) for s, e, g in self.hits if g & mask]
        hits.sort()
        if not hiding & self.present:
            return hits
        covers = [(hit.start, hit.end) for hit in hits if hit.groups & hiding]
        return [
            hit
            for hit in hits
            if hit.groups & hiding
            or not any(start <= hit.start and hit.end <= end for start, end in covers)
        ]

    @property
    def head_end(self) -> int:
        """The end of the headline, which is the title or, without a title, the first sentence."""
        if self.title.strip():
            return self.summary_start
        ends = [end for end in self.sentence_ends() if end > self.summary_start + 1]
        return ends[0] if ends else len(self.folded.text)

    def sentence_ends(self) -> list[int]:
        """The ends of sentences in the folded text, ascending."""
        if not self._breaks:
            ends = (found.end() for found in _SENTENCE_END.finditer(self.folded.text))
            self._breaks.extend(ends)
            self._breaks.append(len(self.folded.text) + 1)
        return self._breaks

    def find_sentence(self, position: int) -> int:
        """The number of the sentence that `position` lies in."""
        return bisect_right(self.sentence_ends(), position)

    def cite(self, start: int, end: int, rule: str, weight: float) -> Evidence:
        """Evidence for a span of the folded text, with its place in the text as given."""
        text = self.folded.text
        while end < len(text) and is_word_character(text[end]) and is_word_character(text[end - 1]):
            end += 1  # a term such as `touris*` is shown as the whole word
        first, last = self.folded.unfold_span(start, end)
        if first < len(self.title):
            return Evidence("title", first, last, self.title[first:last], rule, weight)
        shift = len(self.title) + 1
        first, last = first - shift, last - shift
        return Evidence("summary", first, last, self.summary[first:last], rule, weight)

    @property
    def is_chinese(self) -> bool:
        """Whether the text has Han characters and no kana."""
        return bool(_HAN.search(self.folded.text)) and not _KANA.search(self.folded.text)


def scan_text(
    title: str | None, summary: str | None, lexicon: Lexicon, on: date | None = None
) -> ScannedText:
    """Fold title and summary together, and find every term in one pass."""
    title, summary = (title or "")[:TITLE_CHARACTERS], (summary or "")[:SUMMARY_CHARACTERS]
    given = f"{title}{FIELD_BREAK}{summary}"
    folded = fold_text(given)
    hits = lexicon.find_hits(folded, given, on)
    present = 0
    for hit in hits:
        present |= hit[2]
    start = len(title) + 1
    if folded.offsets is not None:
        start = bisect_left(folded.offsets, start)
    return ScannedText(title, summary, folded, start, hits, present)
