"""What figures look like: colours that the colour-blind can tell apart, and narrow margins."""

from collections.abc import Iterable, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from plotly.graph_objects import Figure

# Okabe and Ito's palette, without yellow, which is pale on white. Shapes tell more than six apart.
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")
_DASHES = ("solid", "dash", "dot")
_SYMBOLS = ("circle", "square", "diamond", "cross", "triangle-up", "x")
_PATTERNS = ("", "/", "x", ".", "-", "+")
GREY = "#767676"
# Letters of a line, so that a figure fits a telephone: of a title, and of a label on an axis.
_TITLE, _LABEL = 32, 16
_LAYOUT = {
    "template": "plotly_white",
    "autosize": True,
    "height": 380,
    "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
    "font": {"family": "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif", "size": 13},
    "showlegend": True,
    "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
    "hovermode": "x unified",
    "separators": ".",  # or plotly writes 1,015.5 beside 1015
}


class Picture(NamedTuple):
    """A figure as the page shows it.

    Attributes:
        title: What it shows.
        figure: The figure; a variant that has data there gives its name to a trace.
        reading: A sentence on how to read it.

    Example:
        >>> Picture("Loss", Figure(), reading="Lower is better.").title
        'Loss'
    """

    title: str
    figure: Figure
    reading: str


class Style(NamedTuple):
    """How a variant looks in all figures.

    Example:
        >>> Style("#0072b2", "solid", "circle", "").band
        'rgba(0,114,178,0.18)'
    """

    colour: str
    dash: str
    symbol: str
    pattern: str

    @property
    def line(self) -> dict[str, Any]:
        """For a trace of lines."""
        marker = {"symbol": self.symbol, "size": 7, "color": self.colour}
        return {"line": {"color": self.colour, "dash": self.dash}, "marker": marker}

    @property
    def bar(self) -> dict[str, Any]:
        """For a trace of bars."""
        return {"marker": {"color": self.colour, "pattern": {"shape": self.pattern}}}

    @property
    def band(self) -> str:
        """The colour of an area behind a line."""
        red, green, blue = (int(self.colour[i : i + 2], 16) for i in (1, 3, 5))
        return f"rgba({red},{green},{blue},0.18)"


def styles(variants: Iterable[str]) -> dict[str, Style]:
    """A style for each variant; they depend on the order of the variants alone.

    Args:
        variants: Names of all variants of a page.

    Example:
        >>> styles(["off", "flip"])["flip"].symbol
        'square'
    """
    by_name = {}
    for number, variant in enumerate(dict.fromkeys(variants)):
        turn, place = divmod(number, len(_COLOURS))
        shapes = (_SYMBOLS[place], _PATTERNS[place])
        by_name[variant] = Style(_COLOURS[place], _DASHES[turn % len(_DASHES)], *shapes)
    return by_name


def drawn(traces: Sequence[Any], x: str, y: str, **layout: Any) -> Figure:
    """A figure of some traces that fills its place on the page.

    Args:
        traces: The traces.
        x: Title of the x axis, with its unit.
        y: Title of the y axis, with its unit.
        **layout: More of plotly's layout.

    Example:
        >>> from plotly.graph_objects import Bar
        >>> figure = drawn([Bar(x=["a very long variant"], y=[1])], "variant", "score")
        >>> figure.layout.xaxis.labelalias
        {'a very long variant': 'a very long<br>variant'}
    """
    figure = Figure(list(traces), _LAYOUT)  # plotly takes a template twice as fast here
    common = {"automargin": True, "labelalias": _folded_labels(traces)}
    figure.update_xaxes(title={"text": _folded(x, _TITLE), "font": {"size": 13}}, **common)
    figure.update_yaxes(title={"text": _folded(y, _TITLE), "font": {"size": 13}}, **common)
    figure.update_layout(**layout)
    return figure


def _folded(text: str, width: int) -> str:
    """Text in lines, which plotly does not break by itself."""
    return "<br>".join(wrap(text, width))


def _folded_labels(traces: Iterable[Any]) -> dict[str, str]:
    """What to show for the names on the axes of some traces, such as those of variants."""
    axes = [axis for trace in traces for axis in (trace.x, trace.y) if axis is not None]
    values = [value for axis in axes for value in axis]
    names = {value for value in values if isinstance(value, str) and "<br>" not in value}
    return {name: _folded(name, _LABEL) for name in sorted(names)}
