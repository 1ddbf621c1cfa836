"""The page of a measurement: figures of the precision, lift and recall of extraction."""

from collections.abc import Iterator
from typing import Any

from plotly.graph_objects import Scatter

from recbole_fn.report.html import figure_html, render
from recbole_fn.report.page import Box, Section
from recbole_fn.report.style import GREY, Picture, drawn, styles

_READING = {
    "precision": "The share of extracted items that are false negatives. Dotted: remembered items "
    "that are not extracted; grey: random negatives.",
    "lift": "Precision divided by the share of false negatives among random ones; 1 is chance.",
    "recall": "The share of all false negatives that are extracted.",
}
_DASHES = {"counts": "solid", "flip": "dash"}
_LABELS = {"counts": "counts only", "flip": "flipping"}
_AXES = {"m": "m (fn_flip_after)", "epoch": "epoch, from 0"}
_HEIGHT, _LEGEND = 320, 22  # pixels: of a figure, and of each line of its legend

Record = dict[str, Any]


def page(records: list[Record], title: str) -> str:
    """A page with precision, lift and recall against m (last epoch) and against the epoch.

    Args:
        records: The records that `measure` yields.
        title: Title of the page.

    Example:
        >>> record = {"m": 5, "epoch": 0, "neg_num": 100, "mode": "counts", "precision": 0.3}
        >>> record |= {"lift": 6.0, "recall": 0.1, "hard_precision": 0.2, "base": 0.05}
        >>> "<h1>SASRec</h1>" in page([record], "SASRec")
        True
    """
    middle, last = _middle_m(records), max(record["epoch"] for record in records)
    titles = {"m": f"After epoch {last}", "epoch": f"At m = {middle}"}
    parts = [(titles[axis], _boxes(records, axis)) for axis in _AXES]
    notes = ["A colour stands for a number of negatives (N)."]
    return render("comparison.html", title, notes, sections=[Section("Extraction", parts)])


def pictures(records: list[Record], axis: str) -> list[Picture]:
    """Figures of precision, lift and recall against an axis, with a line for each N and mode.

    Args:
        records: The records that `measure` yields.
        axis: `m`, for the values after the last epoch; or `epoch`, for those at the middle m.

    Example:
        >>> record = {"m": 5, "epoch": 0, "neg_num": 100, "mode": "counts", "precision": 0.3}
        >>> record |= {"lift": 6.0, "recall": 0.1, "hard_precision": 0.2, "base": 0.05}
        >>> [len(picture.figure.data) for picture in pictures([record], "m")]
        [3, 1, 1]
    """
    middle, last = _middle_m(records), max(record["epoch"] for record in records)
    fixed, value = ("epoch", last) if axis == "m" else ("m", middle)
    lines = list(_lines([record for record in records if record[fixed] == value], records))
    return [_picture(lines, axis, measure) for measure in _READING]


def _middle_m(records: list[Record]) -> int:
    ms = sorted({record["m"] for record in records})
    return int(ms[len(ms) // 2])


def _boxes(records: list[Record], axis: str) -> list[Box]:
    return [
        Box(picture.title, figure_html(picture.figure, f"{axis}{number}"), picture.reading)
        for number, picture in enumerate(pictures(records, axis))
    ]


def _lines(records: list[Record], all_records: list[Record]) -> Iterator[tuple[list[Record], str]]:
    """The records of each N and mode, with the colour of that N, the same in all figures."""
    colours = styles(str(record["neg_num"]) for record in all_records)
    for key in dict.fromkeys((record["neg_num"], record["mode"]) for record in records):
        line = [record for record in records if (record["neg_num"], record["mode"]) == key]
        yield line, colours[str(key[0])].colour


def _picture(lines: list[tuple[list[Record], str]], axis: str, measure: str) -> Picture:
    traces = [
        trace for line, colour in lines for trace in _traces(line, axis, measure, {"color": colour})
    ]
    height = _HEIGHT + _LEGEND * len(traces)
    figure = drawn(traces, _AXES[axis], measure, height=height, yaxis_rangemode="tozero")
    if measure == "lift":
        figure.add_hline(y=1, line={"color": GREY, "dash": "dashdot", "width": 1})
    else:
        figure.update_yaxes(tickformat=".1%")
    return Picture(measure.capitalize(), figure, _READING[measure])


def _traces(
    line: list[Record], axis: str, measure: str, colour: dict[str, str]
) -> Iterator[Scatter]:
    """The line of a measure; in the figure of precision also what it is compared with."""
    neg_num, mode = line[0]["neg_num"], line[0]["mode"]
    dashed = {**colour, "dash": _DASHES[mode]}
    yield _trace(line, axis, measure, f"N = {neg_num}, {_LABELS[mode]}", dashed)
    if measure == "precision" and mode == "counts":
        dotted, grey = {**colour, "dash": "dot"}, {"color": GREY, "dash": "dashdot"}
        yield _trace(line, axis, "hard_precision", f"N = {neg_num}, hard, not extracted", dotted)
        yield _trace(line, axis, "base", f"N = {neg_num}, random negatives", grey)


def _trace(line: list[Record], axis: str, name: str, label: str, style: dict[str, str]) -> Scatter:
    """A line against an axis; undefined values are gaps."""
    line = sorted(line, key=lambda record: float(record[axis]))
    values = [record[axis] for record in line], [record[name] for record in line]
    return Scatter(x=values[0], y=values[1], name=label, mode="lines+markers", line=style)
