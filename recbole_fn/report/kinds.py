"""The learned embeddings of the kinds of feedback: their cosines, and where they lie in a plane."""

from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from plotly.graph_objects import Bar, Scatter

from recbole_fn.report.reading import ByVariant
from recbole_fn.report.style import Picture, drawn, styles

Floats = NDArray[np.floating]
Vectors = dict[str, list[float]]


def cosines(vectors: Vectors) -> dict[str, float]:
    """The cosine of the angle between each two kinds; 0 with a vector of zeros.

    Args:
        vectors: The vector of each kind.

    Example:
        >>> cosines({"positive": [1.0, 0.0], "negative": [-2.0, 0.0]})
        {'positive, negative': -1.0}
    """
    found = {}
    for (a, one), (b, other) in combinations(vectors.items(), 2):
        lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
        found[f"{a}, {b}"] = float(np.dot(one, other)) / lengths if lengths else 0.0
    return found


def projected(vectors: Floats) -> Floats:
    """Vectors in the plane of their first two principal components; three keep their distances.

    Args:
        vectors: Vectors, shape [vectors, dimensions].

    Returns:
        Coordinates around the mean of the vectors, shape [vectors, 2].

    Example:
        >>> projected(np.array([[0.0, 0, 3], [0, 0, 1]])).round(2).tolist()
        [[1.0, 0.0], [-1.0, 0.0]]
    """
    centred = vectors - vectors.mean(axis=0)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    signs = np.sign(axes[np.arange(len(axes)), np.abs(axes).argmax(axis=1)])  # the same each time
    plane = (centred @ axes.T * signs)[:, :2]
    plane[:, sizes[:2] <= 1e-12] = 0.0
    return np.pad(plane, [(0, 0), (0, 2 - plane.shape[1])])


def kind_pictures(variants: ByVariant) -> list[Picture]:
    """Cosines and a projection of the kinds; none where no variant has typed inputs.

    Args:
        variants: Results by variant.

    Example:
        >>> from types import SimpleNamespace
        >>> job = SimpleNamespace(kinds={"positive": [1.0, 0.0], "negative": [0.0, 1.0]})
        >>> [picture.title for picture in kind_pictures({"typed-inputs": [job]})]
        ['Cosines of kinds', 'Kinds in a plane']
    """
    found = {name: [job.kinds for job in jobs if job.kinds] for name, jobs in variants.items()}
    typed = {name: kinds for name, kinds in found.items() if kinds}
    if not typed:
        return []
    style_of = styles(variants)
    bars = [_bars(name, kinds, style_of[name].bar) for name, kinds in typed.items()]
    points = [_points(name, kinds[0], style_of[name].line) for name, kinds in typed.items()]
    return [
        Picture(
            "Cosines of kinds",
            drawn(bars, "kinds of feedback", "cosine", yaxis_range=[-1, 1]),
            "1: both kinds change an item alike; 0: in unrelated ways; -1: in opposite ways. "
            "Means over the seeds, with the standard deviation.",
        ),
        Picture(
            "Kinds in a plane",
            drawn(points, "first component", "second component", hovermode="closest"),
            "The vectors that are added to the items of a history, in the first seed, by principal "
            "components of each variant; three vectors keep their distances.",
        ),
    ]


def _bars(name: str, kinds: list[Vectors], style: dict[str, object]) -> Bar:
    values = [cosines(one) for one in kinds]
    pairs = list(values[0])
    table = np.array([[one[pair] for pair in pairs] for one in values])  # [seeds, pairs]
    spread = table.std(axis=0, ddof=1) if len(table) > 1 else None
    error = {"type": "data", "array": spread, "visible": spread is not None}
    return Bar(x=pairs, y=table.mean(axis=0), error_y=error, name=name, **style)


def _points(name: str, kinds: Vectors, style: dict[str, object]) -> Scatter:
    plane = projected(np.array(list(kinds.values())))
    texts = {"text": list(kinds), "textposition": "top center", "mode": "markers+text"}
    return Scatter(x=plane[:, 0], y=plane[:, 1], name=name, **texts, marker=style["marker"])
