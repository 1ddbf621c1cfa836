"""How the time and memory of training grow with one size at a time, all others equal."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from typing import Any

from recbole_fn.benchmark.scale import scale
from recbole_fn.benchmark.size import Cost, Size
from recbole_fn.results.text_table import text_table
from recbole_fn.utils.digits import significant

_BASE = Size("ours", "SASRec", 10_000, 2_000, 20, 2048, 50)
_MANY = replace(_BASE, num_users=50_000)
_SIZES: dict[str, list[Size]] = {
    "interactions": [
        replace(_BASE, num_users=count // _BASE.each)
        for count in (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 30_000_000)
    ],
    "items": [
        replace(_MANY, num_items=count, batches=20) for count in (1_000, 10_000, 100_000, 500_000)
    ],
    "negatives": [replace(_BASE, negatives=count) for count in (10, 30, 100, 300, 1_000)],
    "history": [
        replace(_BASE, history=length, each=length, num_users=400_000 // length)
        for length in (10, 25, 50, 100, 200)
    ],
    "pairs": [replace(_BASE, slots=slots, batches=None, passes=2) for slots in (1, 3, 10, 30, 100)],
    "processes": [
        replace(_BASE, side=side, nproc=count, batches=20, passes=2)
        for side in ("off", "ours")
        for count in (1, 2, 4)
    ],
}
AXES = list(_SIZES)


def sizes_of(axes: Sequence[str], model: str) -> list[tuple[str, Size]]:
    """What is measured for each axis.

    Args:
        axes: Names of `AXES`.
        model: Name of the model.

    Example:
        >>> [size.negatives for _, size in sizes_of(["negatives"], "SASRec")]
        [10, 30, 100, 300, 1000]
    """
    return [(axis, replace(size, model=model)) for axis in axes for size in _SIZES[axis]]


def grow(sizes: Sequence[tuple[str, Size]]) -> list[dict[str, Any]]:
    """Measures sizes one after another, each in a process of its own.

    Args:
        sizes: Each axis and what is measured for it.

    Returns:
        A line for each of them: the axis, the value on it, and the fields of `Size` and `Cost`.

    Example:
        >>> size = Size("ours", "SASRec", 100, 50, 10, 128, batches=4)
        >>> [line["value"] for line in grow([("negatives", size), ("interactions", size)])]
        [100, 1000]
    """
    costs = scale([size for _, size in sizes])
    return [line(axis, *found) for (axis, _), found in zip(sizes, costs, strict=True)]


def line(axis: str, size: Size, cost: Cost) -> dict[str, Any]:
    """A measurement as a line of the file.

    Args:
        axis: One of `AXES`.
        size: What was measured.
        cost: Its cost.

    Example:
        >>> size = Size("ours", "SASRec", 1000, 500, 10, 2048, None, negatives=30)
        >>> cost = Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001, 0)
        >>> line("negatives", size, cost)["value"]
        30
    """
    values = {
        "interactions": size.num_users * size.each,
        "items": cost.items,
        "negatives": size.negatives,
        "history": size.history,
        "pairs": cost.pairs,
        "processes": size.nproc,
    }
    return {"axis": axis, "value": values[axis], **asdict(size), **asdict(cost)}


def table(lines: Sequence[dict[str, Any]]) -> str:
    """Formats measurements as a table.

    Args:
        lines: What `grow` returns.

    Example:
        >>> size = Size("ours", "SASRec", 1000, 500, 10, 2048, None)
        >>> cost = Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001, 1234.5)
        >>> print(table([line("items", size, cost)]))
        what grows ...
        items: 500    1,234
    """
    return text_table([_cells(line) for line in lines], "what grows")


def _cells(line: dict[str, Any]) -> dict[str, str]:
    return {
        "what grows": f"{line['axis']}: {line['value']:,}",
        "side": line["side"],
        "training (s/1000 rows)": significant(line["training"]),
        "peak (GiB)": f"{line['peak_gib']:.2f}",
        "pairs remembered": f"{line['pairs']:,}",
        "sent (bytes/step)": f"{line['sent']:,.0f}",
    }
