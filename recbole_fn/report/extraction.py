"""Figures of extraction at the end of training: visits, popularity, and held-out rates."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Bar, Scatter

from recbole_fn.config.settings import FNSettings
from recbole_fn.report.reading import ByVariant
from recbole_fn.report.style import GREY, Picture, drawn, styles
from recbole_fn.results.extraction_result import ExtractionResult

_RATES = ("extracted", "extracted,<br>by chance", "only hard", "only hard,<br>by chance")


def visits(variants: ByVariant) -> Picture:
    """How many remembered pairs have been remembered how often.

    Example:
        >>> from types import SimpleNamespace
        >>> extracted = ExtractionResult(visits=[5, 3], popularity={}, held_out={}, examples=[])
        >>> job = SimpleNamespace(extracted=extracted, config={"fn_flip_after": 5})
        >>> visits({"flip": [job]}).figure.data[0].y
        (5.0, 3.0)
    """
    traces, style_of = [], styles(variants)
    for variant, extracted in _extracted(variants):
        counts = mean_of([one.visits for one in extracted])
        shown = {"x": list(range(len(counts))), "y": [n or None for n in counts.tolist()]}
        traces.append(
            Scatter(**shown, name=variant, mode="lines+markers", **style_of[variant].line)
        )
    figure = drawn(traces, "visits that recalled the pair, number", "pairs, number")
    figure.update_yaxes(type="log")
    jobs = [job for of_variant in variants.values() for job in of_variant if job.extracted]
    for after in sorted({FNSettings.from_config(job.config).flip_after for job in jobs}):
        label = f"fn_flip_after = {after}"
        figure.add_vline(x=after + 0.5, line={"color": GREY, "dash": "dash"}, annotation_text=label)
    return Picture(
        "Visits and extraction",
        figure,
        "Pairs of a training row and an item at the end of training, mean over the seeds; those "
        "right of the dashed line have been extracted. Such an item is let go, and may be found "
        "and counted again. The scale is logarithmic.",
    )


def popularity(variants: ByVariant) -> Picture:
    """Which tenths of the catalogue extracted items are from.

    Example:
        >>> from types import SimpleNamespace
        >>> counts = {"interactions": [10] * 10, "flipped": [4, *[0] * 8, 12]}
        >>> extracted = ExtractionResult([], popularity=counts, held_out={}, examples=[])
        >>> bars = popularity({"flip": [SimpleNamespace(extracted=extracted)]}).figure.data[0]
        >>> bars.y[0], bars.y[-1]
        (0.25, 0.75)
    """
    traces, style_of = [], styles(variants)
    for variant, extracted in _extracted(variants):
        fractions = _fractions([one.popularity["flipped"] for one in extracted])
        if fractions is not None:
            traces.append(Bar(x=_tenths(), y=fractions, name=variant, **style_of[variant].bar))
    common = [one.popularity["interactions"] for _, jobs in _extracted(variants) for one in jobs]
    fractions = _fractions(common[:1])
    if fractions is not None:
        line = {"line": {"color": "black"}, "marker": {"symbol": "line-ew-open", "size": 10}}
        name = "training interactions"
        traces.append(Scatter(x=_tenths(), y=fractions, name=name, mode="lines+markers", **line))
    figure = drawn(
        traces, "tenth of the catalogue, 1: most popular", "fraction", yaxis_tickformat=".0%"
    )
    figure.update_xaxes(dtick=1)
    figure.add_hline(y=0.1, line={"color": GREY, "dash": "dash"})
    return Picture(
        "Popularity of extracted items",
        figure,
        "Bars are the extracted pairs, the line is what users have had in training, the dashed "
        "line is the catalogue itself; bars left of the rest mean that popular items are "
        "extracted.",
    )


def held_out(variants: ByVariant) -> Picture:
    """How many extracted items their users have had later.

    Example:
        >>> from types import SimpleNamespace
        >>> from recbole_fn.results.extraction_result import HeldOutRate
        >>> rates = {"flipped": HeldOutRate(8, 0.2, 0.05), "hard": HeldOutRate(9, 0.1, 0.05)}
        >>> extracted = ExtractionResult([], popularity={}, held_out=rates, examples=[])
        >>> held_out({"flip": [SimpleNamespace(extracted=extracted)]}).figure.data[0].y
        (0.2, 0.05, 0.1, 0.05)
    """
    traces, style_of = [], styles(variants)
    for variant, extracted in _extracted(variants):
        seeds = np.array([list(_held_out_rates(one)) for one in extracted], dtype=float)
        known = [column[~np.isnan(column)] for column in seeds.T]
        means = [float(column.mean()) if len(column) else None for column in known]
        stds = [float(column.std(ddof=1)) if len(column) > 1 else None for column in known]
        if any(mean is not None for mean in means):
            spread = {"type": "data", "array": stds, "visible": any(stds)}
            traces.append(
                Bar(x=_RATES, y=means, error_y=spread, name=variant, **style_of[variant].bar)
            )
    figure = drawn(
        traces, "pairs of a user and an item", "fraction that is held out", yaxis_tickformat=".2~%"
    )
    figure.update_xaxes(tickangle=0)
    return Picture(
        "Held-out check",
        figure,
        "How many of the items are what their user took later, in validation or test, which "
        "training has not seen; extracted items are false negatives as far as their bar stands "
        "above the one by chance. Whiskers are the standard deviation over the seeds.",
    )


def mean_of(counts: list[list[int]]) -> NDArray[np.float64]:
    """The mean of lists of counts; shorter lists are padded with zeros.

    Example:
        >>> mean_of([[1], [1, 4]]).tolist()
        [1.0, 2.0]
    """
    longest = max(map(len, counts))
    rows = [np.pad(np.asarray(one, dtype=float), (0, longest - len(one))) for one in counts]
    return np.asarray(np.mean(rows, axis=0))


def _extracted(variants: ByVariant) -> Iterator[tuple[str, list[ExtractionResult]]]:
    """The variants that have extracted something, and what."""
    for variant, jobs in variants.items():
        extracted = [job.extracted for job in jobs if job.extracted]
        if extracted:
            yield variant, extracted


def _tenths() -> list[int]:
    return list(range(1, 11))


def _fractions(counts: list[list[int]]) -> list[float] | None:
    total = np.sum(counts, axis=0) if counts else np.zeros(1)
    return (total / total.sum()).tolist() if total.sum() else None


def _held_out_rates(extracted: ExtractionResult) -> Iterator[float | None]:
    for name in ("flipped", "hard"):
        yield from (extracted.held_out[name].rate, extracted.held_out[name].random_rate)
