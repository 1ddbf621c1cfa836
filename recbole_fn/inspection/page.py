"""The page of an inspection: what samplers draw over training, and examples."""

import math
from collections.abc import Callable, Iterator

import numpy as np
from plotly.graph_objects import Scatter

from recbole_fn.inspection.draws import Draws
from recbole_fn.inspection.inspecting import Inspected
from recbole_fn.report.html import figure_html, macro, render, table
from recbole_fn.report.page import Box, Section
from recbole_fn.report.style import Picture, drawn, styles
from recbole_fn.utils.digits import significant

_NOTES = (
    "What each sampler draws in the first step of each epoch, for up to 64 rows of it.",
    "Only negatives that take part in the loss count. A rank is among all items that the row may "
    "draw, 1 for the highest score.",
)
_OVER: dict[str, tuple[str, str, Callable[[Draws], float], str]] = {
    "Popularity": (
        "times a target of training, median",
        "Higher: more popular items are drawn.",
        lambda draws: draws.quantiles("popularity", (0.5,))[0],
        "",
    ),
    "Rank": (
        "rank of a negative, median",
        "Lower: harder negatives.",
        lambda draws: draws.quantiles("rank", (0.5,))[0],
        "",
    ),
    "Score": (
        "score minus the target's, median",
        "Above 0: more than half of the negatives score higher than the target.",
        lambda draws: draws.quantiles("margin", (0.5,))[0],
        "",
    ),
    "Taken later": (
        "fraction of negatives",
        "Negatives that the user has in validation or test, which training has not seen. They are "
        "false negatives.",
        lambda draws: draws.shares()[1],
        ".2~%",
    ),
}
_HEADER = ("sampler", "popularity", "rank", "score - target's", "above target", "later", "in loss")
_EXAMPLES = 4  # rows of each sampler
_SHOWN = 8  # negatives of a row


def page(inspected: Inspected) -> str:
    """The page.

    Args:
        inspected: What samplers draw.

    Example:
        >>> import torch
        >>> from recbole_fn.inspection.draws import Draws
        >>> one, two = torch.tensor([1]), torch.tensor([[4, 9]])
        >>> drawn = Draws(one, one, two, two > 0, two, two, two.float(), two > 5)
        >>> inspected = Inspected("SASRec, tiny", run.dataset, {"uniform": [drawn]})
        >>> page(inspected).count("<h4>")  # pictures
        4
    """
    lines = [_line(name, epochs[-1]) for name, epochs in inspected.draws.items()]
    words = "Popularity, rank and score: median (10 % to 90 %). In loss: of all slots."
    words = " ".join([words, *_reservations(inspected.draws)])
    summary = Box("", table("results", _HEADER, lines), words, "wide")
    boxes = [
        Box(picture.title, figure_html(picture.figure, f"o{number}"), picture.reading)
        for number, picture in enumerate(pictures(inspected.draws))
    ]
    parts = [
        ("In the last epoch", [summary]),
        ("Over training", boxes),
        ("Examples", [_examples(inspected)]),
    ]
    title = "What samplers of negatives draw"
    return render("comparison.html", title, _NOTES, sections=[Section(inspected.title, parts)])


def pictures(draws: dict[str, list[Draws]]) -> list[Picture]:
    """Figures of popularity, rank, score and what was taken later, against the epoch.

    Args:
        draws: What each sampler draws, for each epoch.

    Example:
        >>> [picture.title for picture in pictures({})]
        ['Popularity', 'Rank', 'Score', 'Taken later']
    """
    look = styles(draws)
    found = []
    for title, (unit, reading, number, ticks) in _OVER.items():
        traces = [
            Scatter(
                x=list(range(len(epochs))),
                y=[number(one) for one in epochs],
                name=name,
                mode="lines+markers",
                **look[name].line,
            )
            for name, epochs in draws.items()
        ]
        height = 340 + 22 * len(traces)  # pixels; the legend needs a line each on a telephone
        figure = drawn(traces, "epoch, from 0", unit, height=height, yaxis_tickformat=ticks)
        figure.update_xaxes(tickformat="d", tick0=0, dtick=1 + _longest(draws) // 10)
        found.append(Picture(title, figure, reading))
    return found


def _reservations(draws: dict[str, list[Draws]]) -> Iterator[str]:
    """What the numbers of some samplers leave out, in words."""
    mixed = [name for name, epochs in draws.items() if any(one.is_mixed for one in epochs)]
    weighted = [name for name, epochs in draws.items() if any(one.is_weighted for one in epochs)]
    if mixed:
        yield (
            f"The negatives of {', '.join(mixed)} are mixed with the target in the loss; "
            f"popularity, rank and score are those of the items alone."
        )
    if weighted:
        names = ", ".join(weighted)
        yield f"The negatives of {names} have weights in the loss; here each counts once."


def _longest(draws: dict[str, list[Draws]]) -> int:
    return max(map(len, draws.values()), default=0)


def _line(name: str, draws: Draws) -> list[str]:
    spread = [_spread(*draws.quantiles(what)) for what in ("popularity", "rank", "margin")]
    above, later, valid = draws.shares()
    shares = [_percent(above, 1), _percent(later, 2), _percent(valid, 0)]
    return [name, *spread, *shares]


def _percent(share: float, decimals: int) -> str:
    """A share in percent; "-" where no negative is in the loss."""
    return "-" if math.isnan(share) else f"{share:.{decimals}%}"


def _spread(low: float, middle: float, high: float) -> str:
    if math.isnan(middle):
        return "-"
    return f"{significant(middle)} ({significant(low)} to {significant(high)})"


def _examples(inspected: Inspected) -> Box:
    header = ("sampler", "user", "target", "negatives, the highest score first")
    lines = [
        [name, *cells]
        for name, epochs in inspected.draws.items()
        for cells in _rows(inspected, epochs[-1])
    ]
    words = "Of the last epoch, with ranks. A marked item is one that the user took later."
    return Box("", table("examples", header, lines), words, "wide")


def _rows(inspected: Inspected, draws: Draws) -> Iterator[list[str]]:
    data = inspected.dataset
    spread = np.linspace(0, len(draws.users) - 1, _EXAMPLES).astype(int)
    for row in dict.fromkeys(spread.tolist()):
        tokens, marked = [], []
        order = [n for n in draws.rank[row].argsort().tolist() if draws.valid[row, n]]
        for n in order[:_SHOWN]:
            token = data.id2token(data.iid_field, draws.items[row, n].item())
            tokens.append(f"{token} ({draws.rank[row, n]})")
            marked += tokens[-1:] if draws.later[row, n] else []
        user = data.id2token(data.uid_field, draws.users[row].item())
        target = data.id2token(data.iid_field, draws.targets[row].item())
        yield [str(user), str(target), macro("items", tokens, marked)]
