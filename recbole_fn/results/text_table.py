"""A table as text that fits a terminal."""

from collections.abc import Mapping, Sequence

from pandas import DataFrame

WIDTH = 100  # columns of the terminal


def text_table(rows: Sequence[Mapping[str, str]], label: str, width: int = WIDTH) -> str:
    """Rows as text; columns that do not fit into the terminal follow below, with the labels again.

    Args:
        rows: A row's cells by the names of their columns; all rows have the same names.
        label: The column that labels the rows.
        width: Columns of the terminal.

    Examples:
        >>> print(text_table([{"metric": "ndcg@10", "test": "0.05"}], "metric"))
        metric  test
        ndcg@10 0.05
    """
    frame = DataFrame(rows, dtype=str).set_index(label).rename_axis(index=None, columns=label)
    text: str = frame.to_string(line_width=width)
    return "\n".join(line.rstrip(" \\") for line in text.splitlines())
