"""Tables as text that fits a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import wrap

from pandas import DataFrame

WIDTH = 100  # columns of the terminal
_LONGEST = 30  # characters of a name in a line


def text_table(rows: Sequence[Mapping[str, str]], label: str) -> str:
    """Rows as text, in blocks of columns where they are wider than a terminal.

    Args:
        rows: A row's cells by the names of their columns; all rows have the same names.
        label: The column that labels the rows.

    Examples:
        >>> print(text_table([{"metric": "ndcg@10", "test": "0.05"}], "metric"))
        metric      test
        --------  ------
        ndcg@10     0.05
    """
    return "\n\n".join(blocks(DataFrame(rows, dtype=str).set_index(label)))


def blocks(cells: DataFrame, width: int = WIDTH) -> Iterator[str]:
    """A table as text, in blocks of columns where it is wider than a terminal.

    Args:
        cells: Text, a row for each metric; each block repeats the names of the rows.
        width: Columns of the terminal.

    Yields:
        The blocks; no line is longer than `width` if a single column fits.

    Example:
        >>> cells = DataFrame({"off": ["0.1"], "flip": ["0.2"]}, index=["ndcg@10"])
        >>> [block.splitlines()[-1].split() for block in blocks(cells, width=18)]
        [['ndcg@10', '0.1'], ['ndcg@10', '0.2']]
    """
    cells = cells.rename(index=_wrapped, columns=_wrapped)
    while (number := len(cells.columns)) > 0:
        while number > 1 and _width(draw(cells.iloc[:, :number], "simple")) > width:
            number -= 1
        yield draw(cells.iloc[:, :number], "simple")
        cells = cells.iloc[:, number:]


def draw(cells: DataFrame, style: str) -> str:
    """A table of text in a style of the package tabulate, names of rows to the left.

    Examples:
        >>> print(draw(DataFrame({"off": ["0.1"]}, index=["ndcg@10"]), "pipe"))
        |         |   off |
        |:--------|------:|
        | ndcg@10 |   0.1 |
    """
    if style == "pipe":  # of Markdown, whose cells end at a bar
        cells = cells.replace(r"\|", r"\\|", regex=True).rename(index=_escaped, columns=_escaped)
    align = ["left", *["right"] * len(cells.columns)]
    return str(cells.to_markdown(tablefmt=style, colalign=align, disable_numparse=True))


def _escaped(name: str) -> str:
    return name.replace("|", r"\|")


def _wrapped(name: str) -> str:
    return "\n".join(wrap(name, _LONGEST)) or name


def _width(text: str) -> int:
    return max(map(len, text.splitlines()))
