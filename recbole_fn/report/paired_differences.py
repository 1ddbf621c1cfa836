"""Which variant gains: the difference to the baseline, seed by seed, with its interval."""

from collections.abc import Sequence
from typing import Any

from plotly.graph_objects import Bar, Scatter

from recbole_fn.report.reading import ByVariant, ranked_metrics
from recbole_fn.report.style import GREY, Picture, Style, drawn, styles
from recbole_fn.results.pairing import Pairs, paired
from recbole_fn.results.statistics import Row, last_validations, metrics_of, percent

_READING = (
    "Each mark is a seed, the stroke the difference of the means, as in the table, and the line "
    "through it its 95 % interval: a line that crosses 0 says that chance may have made the "
    "difference. The grey bar ends at the smallest detectable difference, which is seen about four "
    "times out of five; smaller ones are missed more often. With two to five seeds it is an "
    "underestimate."
)
_LIGHT = "rgba(118,118,118,0.18)"


def difference_pictures(variants: ByVariant, baseline: str, rows: Sequence[Row]) -> list[Picture]:
    """The difference of each variant to the baseline, of the validation's metric in each ranking.

    Args:
        variants: Results by variant.
        baseline: The variant that the others are compared with.
        rows: The rows of their table.

    Returns:
        Pictures of the test, and of the last validations, without those that no job has;
        none where there is the baseline alone.

    Example:
        >>> from recbole_fn.results.statistics import compare_results
        >>> variants = {"off": results[:2], "flip": results[2:]}
        >>> pictures = difference_pictures(variants, "off", compare_results(results, "off"))
        >>> [picture.title for picture in pictures]
        ['Difference to off: ndcg@10, test', 'Difference to off: valid ndcg@10, last 5']
    """
    if set(variants) <= {baseline}:
        return []
    names = ranked_metrics(variants)
    titles = {name: f"{name}, test" for name in names}
    titles.update({last_validations(name): last_validations(name) for name in names})
    measured = {row.metric for row in rows}
    return [
        Picture(
            f"Difference to {baseline}: {title}",
            _figure(variants, baseline, [row for row in rows if row.metric == metric]),
            _READING,
        )
        for metric, title in titles.items()
        if metric in measured
    ]


def _figure(variants: ByVariant, baseline: str, rows: Sequence[Row]) -> Any:
    style_of, traces = styles(variants), []
    for row in rows:
        if row.difference is not None:
            look = style_of[row.variant]
            pairs = paired(variants[row.variant], variants[baseline])
            traces += [*_detectable(row), _mean(row, row.difference, look)]
            traces.append(_seeds(row, pairs, look))
    layout = {"showlegend": False, "hovermode": "closest", "yaxis_autorange": "reversed"}
    figure = drawn(traces, f"difference to {baseline}, %", "", barmode="overlay", **layout)
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    return figure


def _detectable(row: Row) -> list[Bar]:
    """A bar on both sides of 0; none without a test."""
    if row.detectable is None:
        return []
    text = f"smallest detectable difference: {row.detectable:.2f} %"
    return [
        Bar(
            x=[2 * row.detectable],
            base=[-row.detectable],
            y=[row.variant],
            width=[0.4],
            orientation="h",
            marker={"color": _LIGHT},
            hovertemplate=text,
            **_names(row),
        )
    ]


def _mean(row: Row, difference: float, look: Style) -> Scatter:
    """A stroke at the difference of the means, as in the table, and its interval."""
    interval, text = None, "%{x:+.2f} %, means"
    if row.difference_low is not None and row.difference_high is not None:
        above, below = row.difference_high - difference, difference - row.difference_low
        interval = {"array": [above], "arrayminus": [below], "color": look.colour}
        text += f", 95 % interval {row.difference_low:+.2f} to {row.difference_high:+.2f} %"
    stroke = {"symbol": "line-ns", "size": 24, "line": {"color": look.colour, "width": 3}}
    return Scatter(
        x=[difference],
        y=[row.variant],
        mode="markers",
        marker=stroke,
        error_x=interval,
        hovertemplate=text,
        **_names(row),
    )


def _seeds(row: Row, pairs: Pairs, look: Style) -> Scatter:
    """A mark for each seed."""
    metrics = [[metrics_of(job)[row.metric] for job in pair] for pair in pairs]
    return Scatter(
        x=[percent(*values) for values in metrics],
        y=[row.variant] * len(pairs),
        mode="markers",
        marker={**look.line["marker"], "size": 9, "opacity": 0.8},
        customdata=[ours.seed for ours, _ in pairs],
        hovertemplate="%{x:+.2f} %, seed %{customdata}",
        **_names(row),
    )


def _names(row: Row) -> dict[str, Any]:
    return {"name": row.variant, "hoverlabel": {"namelength": -1}}
