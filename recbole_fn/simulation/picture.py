"""A picture of what was measured, as one self-contained HTML file."""

from collections.abc import Iterator
from typing import Any

from plotly.graph_objects import Figure, Scatter
from plotly.subplots import make_subplots

_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_SHARES = ("precision", "lift", "recall")
_DASHES = {"counts": "solid", "flip": "dash"}
_WORDS = {"counts": "counts only", "flip": "flipping"}
_AXES = {"m": "m (fn_flip_after)", "epoch": "epoch"}

Records = list[dict[str, Any]]


def draw(records: Records, title: str) -> Figure:
    """Draws precision, lift and recall against m (last epoch) and against the epoch.

    Args:
        records: What `measure` yielded.
        title: What was measured.

    Returns:
        Six plots, in which a colour is an N and a dash is a mode; dotted lines in the plots of
        precision are items that are remembered but not extracted, grey ones random negatives.
    """
    ms = sorted({record["m"] for record in records})
    middle, last = ms[len(ms) // 2], max(record["epoch"] for record in records)
    names = [f"{share} after epoch {last}" for share in _SHARES]
    names += [f"{share} at m = {middle}" for share in _SHARES]
    figure = make_subplots(2, 3, subplot_titles=names, vertical_spacing=0.18)
    for line in _lines(records):
        ends = [record for record in line if record["epoch"] == last]
        epochs = [record for record in line if record["m"] == middle]
        _add(figure, 1, "m", ends)
        _add(figure, 2, "epoch", epochs)
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
    first = records[0]
    words = f"N = {first['neg_num']}, {_WORDS[first['mode']]}"
    line = {"color": first["colour"], "dash": _DASHES[first["mode"]]}
    for column, share in enumerate(_SHARES, 1):
        shown = row == 1 and column == 1
        figure.add_trace(_trace(records, axis, share, words, line, shown), row=row, col=column)
    if first["mode"] == "counts":
        for share, name, style in (
            ("hard_precision", f"N = {first['neg_num']}, hard only", {**line, "dash": "dot"}),
            ("base", f"N = {first['neg_num']}, random", {"color": "#999999", "dash": "dashdot"}),
        ):
            figure.add_trace(_trace(records, axis, share, name, style, row == 1), row=row, col=1)


def _trace(
    records: Records, axis: str, share: str, name: str, line: dict[str, str], shown: bool
) -> Scatter:
    """The line of a share against an axis; what is undefined is left out."""
    return Scatter(
        x=[record[axis] for record in records],
        y=[record[share] for record in records],
        name=name,
        legendgroup=name,
        mode="lines+markers",
        line=line,
        showlegend=shown,
    )


def _labelled(figure: Figure, title: str) -> Figure:
    for row, axis in ((1, "m"), (2, "epoch")):
        figure.update_xaxes(title_text=_AXES[axis], row=row)
    for column, share in enumerate(_SHARES, 1):
        figure.update_yaxes(title_text=share, rangemode="tozero", col=column)
    for column in (1, 3):
        figure.update_yaxes(tickformat=".1%", col=column)
    figure.update_layout(title=title, template="plotly_white", width=1300, height=800)
    return figure
