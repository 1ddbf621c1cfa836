"""Which variant gains: the difference to the baseline, seed by seed."""

from statistics import fmean
from typing import Any

from plotly.graph_objects import Scatter

from recbole_fn.report.reading import ByVariant
from recbole_fn.report.style import GREY, Picture, Style, drawn, styles
from recbole_fn.results.statistics import last_validations, metrics_of, paired, percent

_READING = (
    "Each mark is a seed, the stroke the difference of the means, as in the table. Marks on both "
    "sides of 0 say that chance may have made the difference."
)


def difference_pictures(variants: ByVariant, baseline: str) -> list[Picture]:
    """The difference of each variant to the baseline, of the validation's metric.

    Args:
        variants: Results by variant.
        baseline: The variant that the others are compared with.

    Returns:
        A picture of the test, and one of the last validations, without those that no job has;
        none where there is the baseline alone.
    """
    if set(variants) <= {baseline}:
        return []
    results = [job for jobs in variants.values() for job in jobs]
    names = dict.fromkeys(job.valid_metric for job in results)
    titles = {name: f"{name}, test" for name in names}
    titles.update({last_validations(name): last_validations(name) for name in names})
    measured = {metric for job in results for metric in metrics_of(job)}
    return [
        Picture(f"Difference to {baseline}: {title}", _figure(variants, baseline, metric), _READING)
        for metric, title in titles.items()
        if metric in measured
    ]


def _figure(variants: ByVariant, baseline: str, metric: str) -> Any:
    style_of, traces = styles(variants), []
    for variant, jobs in variants.items():
        pairs = [] if variant == baseline else paired(jobs, variants.get(baseline, []))
        values = [tuple(metrics_of(job).get(metric) for job in pair) for pair in pairs]
        if values and all(None not in pair and pair[1] for pair in values):
            seeds = [ours.seed for ours, _ in pairs]
            traces += _traces(variant, seeds, values, style_of[variant])
    layout = {"showlegend": False, "hovermode": "closest", "yaxis_autorange": "reversed"}
    figure = drawn(traces, f"difference to {baseline}, %", "", **layout)
    figure.add_vline(x=0, line={"color": GREY, "width": 1})
    return figure


def _traces(variant: str, seeds: list[int], values: list[Any], look: Style) -> list[Scatter]:
    """A mark for each seed, and a stroke at the difference of the means."""
    each = [percent(ours, theirs) for ours, theirs in values]
    whole = percent(*(fmean(side) for side in zip(*values, strict=False)))
    marker = {**look.line["marker"], "size": 9, "opacity": 0.8}
    stroke = {"symbol": "line-ns", "size": 24, "line": {"color": look.colour, "width": 3}}
    common: dict[str, Any] = {"mode": "markers", "name": variant, "hoverlabel": {"namelength": -1}}
    return [
        Scatter(
            x=[whole], y=[variant], marker=stroke, hovertemplate="%{x:+.2f} %, means", **common
        ),
        Scatter(
            x=each,
            y=[variant] * len(each),
            marker=marker,
            customdata=seeds,
            hovertemplate="%{x:+.2f} %, seed %{customdata}",
            **common,
        ),
    ]
