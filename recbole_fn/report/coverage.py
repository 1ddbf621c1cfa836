"""How much of the catalogue is recommended, and how evenly."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Bar, Figure

from recbole_fn.report.reading import ByVariant
from recbole_fn.report.style import Picture, drawn, styles
from recbole_fn.results.target_ranks import LIST_LENGTH

OfCounts = Callable[[NDArray[np.int64]], float]
_SPREAD = "Whiskers are the standard deviation over the seeds."


def coverage(counts: NDArray[np.int64]) -> float:
    """The fraction of the catalogue that is in a list at all.

    Args:
        counts: Number of lists that hold each item of the catalogue, shape [items].

    Example:
        >>> coverage(np.array([4, 0, 3, 1]))
        0.75
    """
    return float(np.mean(counts > 0))


def gini(counts: NDArray[np.int64]) -> float:
    """The Gini index of the counts: 0 if all are equal, near 1 if few items fill the lists.

    Args:
        counts: Number of lists that hold each item of the catalogue, shape [items].

    Example:
        >>> gini(np.array([4, 0, 3, 1]))
        0.4375
    """
    ascending, number = np.sort(counts), len(counts)
    weights = 2 * np.arange(1, number + 1) - number - 1
    return float((weights * ascending).sum() / (number * ascending.sum()))


def coverage_pictures(variants: ByVariant) -> list[Picture]:
    """Coverage and Gini index of the lists of recommendations in the test.

    Example:
        >>> from types import SimpleNamespace
        >>> ranks = SimpleNamespace(recommended=np.array([4, 0, 3, 1]))
        >>> variants = {"off": [SimpleNamespace(target_ranks=ranks)]}
        >>> [picture.figure.data[0].y for picture in coverage_pictures(variants)]
        [(0.75,), (0.4375,)]
    """
    lists = f"top-{LIST_LENGTH} lists of all test rows"
    return [
        Picture(
            "Coverage",
            _figure(variants, coverage, "fraction of the catalogue", ".0%"),
            f"The fraction of the catalogue that is in the {lists}: higher is broader. {_SPREAD}",
        ),
        Picture(
            "Concentration",
            _figure(variants, gini, "Gini index, 0 to 1", ".2f"),
            f"How unevenly items share the {lists}: lower is more diverse. {_SPREAD}",
        ),
    ]


def _figure(variants: ByVariant, of_counts: OfCounts, title: str, ticks: str) -> Figure:
    traces, style_of = [], styles(variants)
    for variant, jobs in variants.items():
        ranks = [job.target_ranks for job in jobs if job.target_ranks is not None]
        values = [of_counts(one.recommended) for one in ranks if one.recommended is not None]
        if values:
            std = float(np.std(values, ddof=1)) if len(values) > 1 else None
            spread = {"type": "data", "array": [std], "visible": std is not None}
            mean = [float(np.mean(values))]
            traces.append(
                Bar(x=[variant], y=mean, error_y=spread, name=variant, **style_of[variant].bar)
            )
    top = {"yaxis_tickformat": ticks, "yaxis_rangemode": "tozero", "showlegend": False}
    return drawn(traces, "variant", title, **top)
