"""Word lists: words without content, and words by which columns, live pages, aggregators and news
agencies are recognised."""

import re

_FUNCTION = """
about after against all amid and any are been before but can day days did for from get got had has
have her here heres him his how into its just know more most need new not now one our out over say
says she show shows than that the their them they this too two use was way week what when where
which who why will with you your live special updates
"""
_DATES = """
jan feb mar apr may jun jul aug sep oct nov dec january february march april june july august
september october november december monday tuesday wednesday thursday friday saturday sunday
"""
_COLUMN = """
briefing newsletter digest roundup weekly weeks quiz horoscope crossword wordle quordle weather
forecast
"""

EMPTY_WORDS = frozenset((_FUNCTION + _DATES).split())
COLUMN_WORDS = frozenset(_COLUMN.split())
HAN_COLUMN_WORDS = ("早报", "晚报", "日报", "周报", "周刊", "一周", "天气", "收评", "早盘", "午评")
LIVE_WORDS = frozenset({"live", "updates", "直播"})
RELAYS = re.compile(
    r"^hacker news\b|\b(?:msn|yahoo|aol|ycombinator|reddit|newsbreak|smartnews|flipboard)\b"
    r"|\b(?:ap|afp|upi|reuters|associated press|xinhua|kyodo|yonhap|dpa|pti|ians)\b|新华|中新社"
)
"""Names of aggregators, link lists and news agencies."""
HAN_ORDINALS = frozenset("一二三四五六七八九十上中下")
