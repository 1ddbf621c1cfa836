"""A search as a page that needs no network: scores against epochs, and the effect of each key."""

from collections.abc import Sequence
from html import escape
from typing import Any

from plotly.graph_objects import Figure, Scatter

from recbole_fn.report.html import box, document, figure_html, table
from recbole_fn.report.style import GREY, Picture, drawn
from recbole_fn.tune.dimension import Dimension
from recbole_fn.tune.records import Record
from recbole_fn.tune.search import Search
from recbole_fn.tune.tables import cell, columns, in_order

_ACCENT = "#d55e00"
# How a trial ended: colours that the colour-blind can tell apart, and shapes too.
_LOOKS = {
    "finished": ("#0072b2", "circle"),
    "stopped": (GREY, "x"),
    "failed": ("#cc79a7", "square"),
    "running": ("#009e73", "diamond"),
}


def page(search: Search, trials: Sequence[Record], metric: str, bigger: bool) -> str:
    """The page of a search.

    Args:
        search: The search.
        trials: Its trials.
        metric: What scores are.
        bigger: Whether bigger scores are better.

    Examples:
        >>> from recbole_fn.tune.settings import TuneSettings
        >>> space = (Dimension("m", "choice", (5, 8)),)
        >>> search = Search("SASRec", "tiny", {}, space, {}, TuneSettings())
        >>> trials = [Record(0, {"m": 5}, epochs=[{"epoch": 0, "score": 0.2}], status="finished")]
        >>> "Search: SASRec, tiny" in page(search, trials, "ndcg@10", bigger=True)
        True
    """
    scored = [trial for trial in in_order(trials, bigger) if trial.epochs]
    figures = []
    if scored:
        figures.append(_box("wide", curves(scored, metric), "curves"))
        effects = [effect(one, scored, metric, bigger) for one in search.space]
        figures += [_box("", picture, f"effect{number}") for number, picture in enumerate(effects)]
    figures.append(_table(search, trials, metric, bigger))
    title = f"Search: {search.model}, {search.dataset}"
    return document(title, [_words(trials)], f'<div class="grid">{"".join(figures)}</div>')


def curves(ranked: Sequence[Record], metric: str) -> Picture:
    """The score of each validation, a line for each trial.

    Args:
        ranked: Trials with a score, the best first.
        metric: What scores are.

    Examples:
        >>> epochs = [{"epoch": 0, "score": 0.1}, {"epoch": 1, "score": 0.2}]
        >>> picture = curves([Record(0, {"m": 5}, epochs=epochs, status="finished")], "ndcg@10")
        >>> picture.figure.data[0].y
        (0.1, 0.2)
    """
    traces, seen = [], set()
    for trial in reversed(ranked):
        trace = _line(trial, best=trial is _best(ranked))
        traces.append(trace.update(showlegend=trace.name not in seen))
        seen.add(trace.name)
    figure = drawn(traces, "epoch, from 0", f"{metric} (validation)", hovermode="closest")
    figure.update_layout(legend_traceorder="reversed")
    _whole_ticks(figure, [0, max(trial.trained for trial in ranked)])
    return Picture(
        "Score against epoch",
        figure,
        "A line for each trial, with a mark where it ended; the star is the best trial. A stopped "
        "trial was weaker than others after as many epochs.",
    )


def _line(trial: Record, best: bool) -> Scatter:
    status = "best trial" if best else trial.status
    colour, symbol = (_ACCENT, "star") if best else _LOOKS[trial.status]
    epochs = [entry["epoch"] for entry in trial.epochs]
    sizes = [*(0 for _ in epochs[1:]), 12 if best else 7]  # a mark where it ended
    return Scatter(
        x=epochs,
        y=[entry["score"] for entry in trial.epochs],
        name=status,
        legendgroup=status,
        mode="lines+markers",
        line={"color": colour, "width": 3 if best else 1.2},
        marker={"color": colour, "symbol": symbol, "size": sizes, "opacity": 1},
        text=[_hover(trial)] * len(epochs),
        hovertemplate="%{text}<br>epoch %{x}: %{y:.4f}<extra></extra>",
    )


def effect(dimension: Dimension, ranked: Sequence[Record], metric: str, bigger: bool) -> Picture:
    """The best score of each trial against a key.

    Args:
        dimension: The key.
        ranked: Trials with a score, the best first.
        metric: What scores are.
        bigger: Whether bigger scores are better.

    Examples:
        >>> trials = [Record(0, {"m": 5}, epochs=[{"epoch": 0, "score": 0.2}], status="finished")]
        >>> picture = effect(Dimension("m", "choice", (5, 8)), trials, "ndcg@10", bigger=True)
        >>> picture.figure.data[0].x, picture.figure.data[0].y
        ((5,), (0.2,))
    """
    figure = _effect_figure(dimension, ranked, metric, bigger)
    numeric = all(_is_number(trial.keys[dimension.name]) for trial in ranked)
    if dimension.kind == "loguniform":
        figure.update_xaxes(type="log")
    elif not numeric:
        figure.update_xaxes(type="category")
    else:
        _whole_ticks(figure, [trial.keys[dimension.name] for trial in ranked])
    return Picture(
        f"Effect of {dimension.name}",
        figure,
        "The best score of each trial; the other keys differ too, so look at the upper edge of "
        "the points. A stopped trial has had fewer epochs for its score.",
    )


def _effect_figure(
    dimension: Dimension, ranked: Sequence[Record], metric: str, bigger: bool
) -> Figure:
    groups: dict[str, list[Record]] = {}
    for trial in ranked:
        status = "best trial" if trial is _best(ranked) else trial.status
        groups.setdefault(status, []).append(trial)
    traces = []
    for status, trials in groups.items():
        colour, symbol = _LOOKS.get(status, (_ACCENT, "star"))
        values = [trial.keys[dimension.name] for trial in trials]
        traces.append(
            Scatter(
                x=[value if _is_number(value) else str(value) for value in values],
                y=[(trial.best(bigger) or {}).get("score") for trial in trials],
                name=status,
                mode="markers",
                marker={"color": colour, "symbol": symbol, "size": 14 if symbol == "star" else 9},
                text=[_hover(trial) for trial in trials],
                hovertemplate="%{text}<br>%{y:.4f}<extra></extra>",
            )
        )
    return drawn(traces, dimension.name, f"best {metric} (validation)", hovermode="closest")


def _best(ranked: Sequence[Record]) -> Record | None:
    """The first, if it has not failed: then all have."""
    return next((trial for trial in ranked[:1] if trial.status != "failed"), None)


def _table(search: Search, trials: Sequence[Record], metric: str, bigger: bool) -> str:
    names = [one.name for one in search.space]
    header = ["trial", "status", "epochs", "best epoch", f"best valid {metric}"]
    header += columns(names, header).values()
    lines = []
    for trial in in_order(trials, bigger):
        best = trial.best(bigger)
        scores = [str(best["epoch"]), f"{best['score']:.4f}"] if best else ["", ""]
        keys = [cell(trial.keys[name]) for name in names]
        lines.append([str(trial.number), trial.status, str(trial.trained), *scores, *keys])
    return box("wide", "Trials", table("results", header, lines), "The best trial comes first.")


def _box(kind: str, picture: Picture, name: str) -> str:
    return box(kind, picture.title, figure_html(picture.figure, name), picture.reading)


def _hover(trial: Record) -> str:
    keys = "<br>".join(f"{escape(name)}: {escape(cell(v))}" for name, v in trial.keys.items())
    return f"trial {trial.number}, {trial.status}<br>{keys}"


def _words(trials: Sequence[Record]) -> str:
    counts = {status: sum(trial.status == status for trial in trials) for status in _LOOKS}
    statuses = ", ".join(f"{number} {status}" for status, number in counts.items() if number)
    return f"{len(trials)} trials: {statuses or 'none has a score'}."


def _whole_ticks(figure: Figure, values: Sequence[Any]) -> None:
    """Integers that are few get a tick each, and nothing between them."""
    if all(isinstance(value, int) for value in values) and max(values) - min(values) <= 10:
        figure.update_xaxes(dtick=1)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
