"""Draws docs/results/*-{curves,gains,pools,budgets,growth}.csv as SVG files.

`python docs/figures.py` draws all. The files are `curves.csv`, `gains.csv` and `comparison.csv` of
a comparison (`docs/comparing.md`), and that of `benchmark --growth`.
"""

import sys
from itertools import product
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from recbole_fn.report.style import styles

RESULTS = Path(__file__).parent / "results"
_MARKERS = {
    "circle": "o",
    "square": "s",
    "diamond": "D",
    "cross": "P",
    "triangle-up": "^",
    "x": "X",
}
_DASHES = {"solid": "-", "dash": "--", "dot": ":"}
_TITLES = {
    "popularity": "by popularity of the test item\n(users who had it in training)",
    "rank": "fraction of test items by rank",
}


def draw_curves(frame: pd.DataFrame, path: Path) -> None:
    """A panel for each metric, a line for each variant, bands of one standard deviation.

    Args:
        frame: The lines of one data set and model of `curves.csv`.
        path: The SVG file to write.
    """
    metrics = list(dict.fromkeys(frame.metric))
    figure, panels = plt.subplots(1, len(metrics), figsize=(4.2 * len(metrics), 3.4), squeeze=False)
    for panel, metric in zip(panels[0], metrics, strict=True):
        for variant, lines in frame[frame.metric == metric].groupby("variant", sort=False):
            _line(panel, str(variant), lines, list(frame.variant))
        panel.set(xlabel="epoch", title=f"validation, {metric}")
    _save(figure, panels[0][0], path)


def draw_gains(frame: pd.DataFrame, path: Path) -> None:
    """A panel for each metric and grouping, bars for each variant, whiskers of two errors.

    Args:
        frame: The lines of one data set and model of `gains.csv`.
        path: The SVG file to write.
    """
    frame = frame[frame.by.isin(list(_TITLES))]
    keys = list(dict.fromkeys(zip(frame.by, frame.metric, strict=True)))
    rows = len(set(frame.by))
    columns = len(keys) // rows
    figure, panels = plt.subplots(rows, columns, figsize=(4.2 * columns, 3.2 * rows), squeeze=False)
    variants = ["baseline", *frame.variant]  # a variant has the colour that it has as a curve
    for panel, (by, metric) in zip(panels.flat, keys, strict=True):
        _bars(panel, frame[(frame.by == by) & (frame.metric == metric)], variants)
        panel.set_title(f"{metric}\n{_TITLES[by]}", fontsize=9)
        panel.axhline(0, color="#767676", linewidth=0.8)
    _save(figure, panels[0][0], path)


def draw_pools(frame: pd.DataFrame, path: Path) -> None:
    """A panel for each metric of the test against the size of the pool, a line for each way.

    Args:
        frame: `comparison.csv` of variants that are named `<way> of <pool>`.
        path: The SVG file to write.
    """
    frame = frame[~frame.metric.str.startswith("valid ")]
    named = frame.variant.str.extract(r"(?P<way>.*) of (?P<pool>\d+)")
    frame = frame.assign(way=named.way, pool=named.pool.astype(int)).sort_values("pool")
    metrics, looks = sorted(set(frame.metric)), styles(sorted(set(named.way)))
    figure, panels = plt.subplots(1, len(metrics), figsize=(4.2 * len(metrics), 3.4), squeeze=False)
    for panel, metric in zip(panels[0], metrics, strict=True):
        for way, look in looks.items():
            lines = frame[(frame.metric == metric) & (frame.way == way)]
            marks = {"marker": _MARKERS[look.symbol], "linestyle": _DASHES[look.dash]}
            panel.plot(lines.pool, lines["mean"], color=look.colour, label=way, **marks)
        panel.set_xscale("log", base=2)
        panel.set(xlabel="random items", title=f"test, {metric}")
    _save(figure, panels[0][0], path)


def draw_budgets(frame: pd.DataFrame, path: Path) -> None:
    """A panel for each metric of the test, the difference of each variant to the first one.

    Args:
        frame: `comparison.csv`; whiskers are its intervals, filled dots are below 0.05 after Holm.
        path: The SVG file to write.
    """
    base = frame.variant[0]
    frame = frame[frame.difference.notna() & ~frame.metric.str.startswith("valid ")]
    metrics, height = sorted(set(frame.metric)), 0.8 + 0.24 * frame.variant.nunique()
    figure, panels = plt.subplots(
        1, len(metrics), figsize=(4.2 * len(metrics), height), sharey=True
    )
    for panel, metric in zip(panels, metrics, strict=True):
        _whiskers(panel, frame[frame.metric == metric].iloc[::-1])
        panel.axvline(0, color="#767676", linewidth=0.8)
        panel.set(xlabel=f"per cent to {base}", title=f"test, {metric}")
    _save(figure, None, path)


def draw_growth(frame: pd.DataFrame, path: Path) -> None:
    """A column for each size that grows, with the time of a row and the peak of memory.

    Args:
        frame: The file of `benchmark --growth`.
        path: The SVG file to write.
    """
    frame = frame[frame.axis != "processes"]
    axes = list(dict.fromkeys(frame.axis))
    figure, panels = plt.subplots(2, len(axes), figsize=(2.9 * len(axes), 5), squeeze=False)
    measured = {"training": "ms a row", "peak_gib": "peak, GiB"}
    for (axis, (column, label)), panel in zip(product(axes, measured.items()), panels.T.flat):
        lines = frame[frame.axis == axis]
        panel.plot(lines.value, lines[column], marker="o", markersize=4, color="#0060a8")
        panel.set_xscale("log")
        panel.xaxis.set_minor_formatter(NullFormatter())  # they overlap within one decade
        panel.set_ylim(0, 1.1 * lines[column].max())
        panel.set(xlabel=axis, ylabel=label)
    _save(figure, None, path)


def _line(panel: Axes, variant: str, lines: pd.DataFrame, variants: list[str]) -> None:
    look = styles(variants)[variant]
    marks = {"marker": _MARKERS[look.symbol], "markersize": 4, "linestyle": _DASHES[look.dash]}
    panel.plot(lines.epoch, lines["mean"], color=look.colour, label=variant, **marks)
    low, high = lines["mean"] - lines["std"], lines["mean"] + lines["std"]
    panel.fill_between(lines.epoch, low, high, color=look.colour, alpha=0.18, linewidth=0)


def _bars(panel: Axes, lines: pd.DataFrame, variants: list[str]) -> None:
    looks, groups = styles(variants), list(dict.fromkeys(lines.group))
    looks = {name: look for name, look in looks.items() if name in set(lines.variant)}
    width = 0.8 / len(looks)
    for number, (variant, look) in enumerate(looks.items()):
        of_variant = lines[lines.variant == variant].set_index("group").reindex(groups)
        places = [place + (number - (len(looks) - 1) / 2) * width for place in range(len(groups))]
        panel.bar(
            places,
            of_variant["mean"],
            width,
            yerr=of_variant.error,
            color=look.colour,
            label=variant,
            error_kw={"linewidth": 0.8},
        )
    panel.set_xticks(range(len(groups)), groups, rotation=35, ha="right", fontsize=8)


def _whiskers(panel: Axes, lines: pd.DataFrame) -> None:
    ends = [lines.difference - lines.difference_low, lines.difference_high - lines.difference]
    fills = ["#0060a8" if clear else "white" for clear in lines.p_holm < 0.05]
    marks = {"fmt": "none", "ecolor": "#0060a8", "elinewidth": 1}
    panel.errorbar(lines.difference, lines.variant, xerr=ends, **marks)
    panel.scatter(lines.difference, lines.variant, c=fills, edgecolors="#0060a8", zorder=3, s=28)


def _save(figure: plt.Figure, legend: Axes | None, path: Path) -> None:
    if legend:
        figure.legend(
            *legend.get_legend_handles_labels(), loc="lower center", ncols=6, frameon=False
        )
    figure.tight_layout(rect=(0, 0.09 if legend else 0, 1, 1))
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Draws every file of docs/results."""
    matplotlib.rcParams.update({"svg.hashsalt": "recbole_fn", "axes.grid": True, "grid.alpha": 0.3})
    kinds = {
        "curves": draw_curves,
        "gains": draw_gains,
        "pools": draw_pools,
        "budgets": draw_budgets,
        "growth": draw_growth,
    }
    for kind, draw in kinds.items():
        for source in sorted(RESULTS.glob(f"*-{kind}.csv")):
            draw(pd.read_csv(source), source.with_suffix(".svg"))
            print(source.with_suffix(".svg"))


if __name__ == "__main__":
    main()
