"""The figure of a measurement: precision, lift and recall of extraction."""

from collections.abc import Iterator
from typing import Any

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_MEASURES = ("precision", "lift", "recall")
_DASHES = {"counts": "solid", "flip": "dash"}
_LABELS = {"counts": "counts only", "flip": "flipping"}
_GREY = {"color": "#999999", "dash": "dashdot"}
_AXES = {"m": "m (fn_flip_after)", "epoch": "epoch, from 0"}

Records = list[dict[str, Any]]


def draw(records: Records, title: str) -> Figure:
    """Plots precision, lift and recall against m (last epoch) and against the epoch.

    Args:
        records: The records that `measure` yields.
        title: Title of the figure.

    Returns:
        Six plots with a colour for each N and a dash for each mode. In the plots of precision,
        dotted lines are remembered items that are not extracted, grey lines random negatives.

    Example:
        >>> record = {"m": 5, "epoch": 0, "neg_num": 100, "mode": "counts", "precision": 0.3}
        >>> record |= {"lift": 6.0, "recall": 0.1, "hard_precision": 0.2, "base": 0.05}
        >>> len(draw([record], "SASRec").data)  # lines in six plots
        10
    """
    ms = sorted({record["m"] for record in records})
    middle, last = ms[len(ms) // 2], max(record["epoch"] for record in records)
    names = [f"{measure.capitalize()} after epoch {last}" for measure in _MEASURES]
    names += [f"{measure.capitalize()} at m = {middle}" for measure in _MEASURES]
    figure = make_subplots(2, 3, subplot_titles=names, vertical_spacing=0.18)
    for line in _lines(records):
        _add(figure, 1, "m", [record for record in line if record["epoch"] == last])
        _add(figure, 2, "epoch", [record for record in line if record["m"] == middle])
    return _labelled(figure, title)


def _lines(records: Records) -> Iterator[Records]:
    """The records of each N and mode, with the colour of that N."""
    neg_nums = list(dict.fromkeys(record["neg_num"] for record in records))
    for key in dict.fromkeys((record["neg_num"], record["mode"]) for record in records):
        colour = _COLOURS[neg_nums.index(key[0]) % len(_COLOURS)]
        yield [
            {**record, "colour": colour}
            for record in records
            if (record["neg_num"], record["mode"]) == key
        ]


def _add(figure: Figure, row: int, axis: str, records: Records) -> None:
    """Adds the records of an N and a mode to a row of plots."""
    if not records:  # the mode was not run with the m of this row
        return
    neg_num, mode = records[0]["neg_num"], records[0]["mode"]
    line = {"color": records[0]["colour"], "dash": _DASHES[mode]}
    label = f"N = {neg_num}, {_LABELS[mode]}"
    parts = [(column, measure, label, line) for column, measure in enumerate(_MEASURES, 1)]
    if mode == "counts":
        not_extracted = f"N = {neg_num}, hard, not extracted"
        parts.append((1, "hard_precision", not_extracted, {**line, "dash": "dot"}))
        parts.append((1, "base", f"N = {neg_num}, random negatives", _GREY))
    for column, measure, name, style in parts:
        in_legend = row == column == 1
        figure.add_trace(_trace(records, axis, measure, name, style, in_legend), row, column)


def _trace(
    records: Records, axis: str, measure: str, name: str, line: dict[str, str], shown: bool
) -> Scatter:
    """The line of a measure against an axis; undefined values are gaps."""
    return Scatter(
        x=[record[axis] for record in records],
        y=[record[measure] for record in records],
        name=name,
        legendgroup=name,
        mode="lines+markers",
        line=line,
        showlegend=shown,
    )


def _labelled(figure: Figure, title: str) -> Figure:
    for row, axis in ((1, "m"), (2, "epoch")):
        figure.update_xaxes(title_text=_AXES[axis], row=row)
    for column, measure in enumerate(_MEASURES, 1):
        figure.update_yaxes(title_text=measure, rangemode="tozero", col=column)
    for column in (1, 3):
        figure.update_yaxes(tickformat=".1%", col=column)
    figure.add_hline(y=1, line={**_GREY, "width": 1}, col=2)
    figure.update_layout(title=title, template="plotly_white", width=1300, height=800)
    return figure
