"""Names in dates: months in the languages of the feeds, halves of the day, time zones."""

from pathlib import Path

_MONTH_LINES = Path(__file__).with_name("month_names.txt").read_text("utf-8").splitlines()
MONTHS = {
    name.rstrip("."): number for number, line in enumerate(_MONTH_LINES, 1) for name in line.split()
}
"""Lower-case name without a final point → 1 to 12; `month_names.txt` has one line for each month.

Each name means the same month in every language listed. Croatian is left out: `listopad` is October
in Croatian, but November in Czech and Polish.
"""

AFTERNOON = {"pm", "p.m.", "下午", "晚上", "午后", "午後", "오후", "μμ", "م"}
MORNING = {"am", "a.m.", "上午", "早上", "凌晨", "午前", "오전", "πμ", "ص"}

ZONES = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0,
    "est": -300, "edt": -240, "cst": -360, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420,
    "北京时间": 480, "北京時間": 480, "日本時間": 540, "日本标准时间": 540, "한국시간": 540,
}  # fmt: skip
"""Minutes east of UTC: RFC 822 §5.1, and names that include their country. Other names (BST, IST,
JST, CET …) mean several zones or are not defined for feeds, and determine no instant."""
