"""What happens in the epochs: losses, validation, and extraction."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from plotly.graph_objects import Scatter

from recbole_fn.report.reading import ByVariant, ranked_metrics
from recbole_fn.report.style import Picture, Style, drawn, styles
from recbole_fn.results.job_result import JobResult

OfJob = Callable[[JobResult], Mapping[int, float]]  # a number of each epoch that has one
_BAND = "Lines are means over the seeds that got so far, bands one standard deviation."


class Curve(NamedTuple):
    """A number against the epoch, over the seeds that trained so long.

    Attributes:
        epochs: The epochs, from 0.
        means: Mean over the seeds.
        stds: Standard deviation over the seeds (of a sample); 0 where there is one seed.

    Example:
        >>> Curve(epochs=[0, 1], means=[0.1, 0.2], stds=[0.0, 0.0]).means
        [0.1, 0.2]
    """

    epochs: list[int]
    means: list[float]
    stds: list[float]


def curve(jobs: list[JobResult], of_job: OfJob) -> Curve:
    """The curve of a variant.

    Args:
        jobs: Results of the variant, one for each seed.
        of_job: The number of each epoch that has one.

    Example:
        >>> curve(["job 1", "job 2"], lambda job: {0: float(job[-1])}).means
        [1.5]
    """
    values: dict[int, list[float]] = {}
    for epoch, value in (one for job in jobs for one in of_job(job).items()):
        values.setdefault(epoch, []).append(value)
    epochs = sorted(values)
    stds = [float(np.std(values[e], ddof=1)) if len(values[e]) > 1 else 0.0 for e in epochs]
    return Curve(epochs, [float(np.mean(values[epoch])) for epoch in epochs], stds)


def losses(variants: ByVariant) -> Picture:
    """The training loss of each epoch.

    Example:
        >>> from types import SimpleNamespace
        >>> epochs = [SimpleNamespace(epoch=0, train_loss=93.0)]
        >>> losses({"off": [SimpleNamespace(history=epochs)]}).figure.data[0].y
        (93.0,)
    """
    figure = _figure(variants, _loss, "training loss, summed over batches")
    return Picture(
        "Training loss",
        figure,
        f"{_BAND} Compare shapes, not heights: variants may train with different losses, and the "
        "consistency loss is part of the sum from the epoch at which extraction starts.",
    )


def validations(variants: ByVariant) -> list[Picture]:
    """The validation score of each epoch, a picture for each ranking (`fn_eval_also`).

    Example:
        >>> from types import SimpleNamespace
        >>> epochs = [SimpleNamespace(epoch=0, valid_score=0.1, valid=None)]
        >>> metric = {"valid_metric": "ndcg@10", "ranked_metrics": ["ndcg@10"]}
        >>> pictures = validations({"off": [SimpleNamespace(history=epochs, **metric)]})
        >>> [picture.figure.data[0].y for picture in pictures]
        [(0.1,)]
    """
    return [
        Picture(
            f"Validation: {metric}",
            _figure(variants, partial(JobResult.valid_scores, metric=metric), metric),
            f"{_BAND} A variant that stopped early ends early.",
        )
        for metric in ranked_metrics(variants)
    ]


def extraction(variants: ByVariant) -> list[Picture]:
    """Hard negatives, flips, and the flip rate of each epoch.

    Example:
        >>> from types import SimpleNamespace
        >>> figures = {"hard": 50.0, "flipped": 7.0, "flipped_share": 0.1}
        >>> job = SimpleNamespace(history=[SimpleNamespace(epoch=0, extraction=figures)])
        >>> [picture.figure.data[0].y for picture in extraction({"flip": [job]})]
        [(50.0,), (7.0,), (0.1,)]
    """
    return [
        Picture(
            "Hard negatives",
            _figure(variants, _extracted("hard"), "remembered after the epoch, number"),
            f"{_BAND} Each is an item that a training row remembers, because it scored higher "
            "than the target.",
        ),
        Picture(
            "Extracted slots",
            _figure(variants, _extracted("flipped"), "extracted slots in the epoch, number"),
            f"{_BAND} A slot of a negative is extracted when its row has remembered the item in "
            "more than fn_flip_after visits.",
        ),
        Picture(
            "Extraction rate",
            _figure(
                variants, _extracted("flipped_share"), "extracted fraction of all slots", ".2~%"
            ),
            f"{_BAND} A rate that keeps rising means that more and more negatives are no longer "
            "trained as such.",
        ),
    ]


def _loss(job: JobResult) -> dict[int, float]:
    return {epoch.epoch: epoch.train_loss for epoch in job.history}


def _extracted(name: str) -> OfJob:
    def of_job(job: JobResult) -> dict[int, float]:
        figures = {epoch.epoch: epoch.extraction for epoch in job.history}
        return {epoch: one[name] for epoch, one in figures.items() if one is not None}

    return of_job


def _figure(variants: ByVariant, of_job: OfJob, title: str, ticks: str | None = None) -> Any:
    style_of, traces = styles(variants), []
    for variant, jobs in variants.items():
        means = curve(jobs, of_job)
        if means.epochs:
            traces += _traces(variant, means, style_of[variant])
    return drawn(traces, "epoch, from 0", title, yaxis_tickformat=ticks)


def _traces(variant: str, curve: Curve, look: Style) -> list[Scatter]:
    """The line of a variant, and the band where there is a spread."""
    line = Scatter(
        x=curve.epochs,
        y=curve.means,
        name=variant,
        legendgroup=variant,
        mode="lines+markers",
        **look.line,
    )
    if not any(curve.stds):
        return [line]
    above = [mean + std for mean, std in zip(curve.means, curve.stds, strict=False)]
    below = [mean - std for mean, std in zip(curve.means, curve.stds, strict=False)]
    band = Scatter(
        x=[*curve.epochs, *curve.epochs[::-1]],
        y=[*above, *below[::-1]],
        legendgroup=variant,
        showlegend=False,
        fill="toself",
        fillcolor=look.band,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
    )
    return [band, line]
