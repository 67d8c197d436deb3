"""Draw the points of `bench_growth.py`: python draw_growth.py FILE.svg POINTS"""

import json
import sys
from typing import Any

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "silkwire"  # the same points always give the same file

from matplotlib import pyplot as plt  # noqa: E402 - after the choice of the backend


def main(file: str, points: list[dict[str, Any]]) -> None:
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
    for panel, suffix, title in ((axes[0], "s", "seconds"), (axes[1], "mb", "peak memory, MB")):
        for which, label in (("first", "everything new"), ("unchanged", "nothing new")):
            panel.plot(
                [point["feeds"] for point in points],
                [point[f"{which}_{suffix}"] for point in points],
                marker="o",
                label=label,
            )
        panel.set(title=title, xlabel="feeds in one batch", xlim=0, ylim=0)
        panel.xaxis.set_major_formatter("{x:,.0f}")
        panel.grid(alpha=0.3)
    axes[1].axhline(800, color="grey", linestyle="--", linewidth=1, label="limit")
    axes[1].set_ylim(top=max(880, axes[1].get_ylim()[1]))  # so that the limit is visible
    axes[1].legend(loc="lower right")
    figure.savefig(file, metadata={"Date": None})


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
