"""`benchmark`: measures training against RecBole's, as the data grow, and by sampler."""

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from pandas import DataFrame

from recbole_fn.benchmark import (
    authors_code,
    comparison,
    growth,
    on_gpu,
    sampler_costs,
    scale,
    to_quality,
)
from recbole_fn.benchmark.memory_size import compare_memory
from recbole_fn.benchmark.race import Race
from recbole_fn.benchmark.ranking import compare_ranking
from recbole_fn.benchmark.size import Size
from recbole_fn.benchmark.versus_recbole import compare_data, compare_epochs
from recbole_fn.cli.benchmark_options import EXAMPLES, parser, read_options
from recbole_fn.utils.claims import new_file
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import write_whole

__all__ = ["EXAMPLES", "parser", "read_options", "run"]


def run(arguments: Sequence[str]) -> int:
    """Runs the benchmark and prints its table.

    Args:
        arguments: The arguments after the subcommand.

    Returns:
        The exit code, 0.

    Raises:
        InputError: for a mistake in them.

    Examples:
        >>> run(["--model=GRU4Rec", "--dataset=tiny", "--quick"])
        GRU4Rec on tiny, N = 100, 512 rows in a step
        ours against ...
        0
    """
    options = read_options(arguments)
    sys.argv = sys.argv[:1]  # RecBole reads it too
    with _new(options.json, "--json"), _new(options.csv, "--csv"):
        figures = _figures(options)
        if options.json:
            write_whole(options.json, json.dumps(figures, indent=2) + "\n")
        if options.csv:
            write_whole(options.csv, DataFrame(figures).to_csv(index=False))
    return 0


def _new(path: Path | None, option: str) -> AbstractContextManager[Any]:
    return nullcontext() if path is None else new_file(path, option)


def _figures(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.recommend:
        from recbole_fn.cli.recommend_benchmark import measure

        data = (options.recommend, options.items, options.each)
        return measure(options.model, *data, options.written, options.repeats)
    if options.ranking:
        return _ranking(options)
    if options.gpu:
        return _on_gpu(options)
    if options.scale:
        return _scale(options)
    if options.growth:
        lines = growth.grow(growth.sizes_of(options.growth, options.model))
        print(growth.table(lines))
        return lines
    if options.to_quality:
        return _to_quality(options)
    return _compare(options) if options.samplers is None else _samplers(options)


def _compare(options: argparse.Namespace) -> list[dict[str, Any]]:
    if options.reference:
        comparisons = authors_code.compare_authors(options)
    else:
        comparisons = [*compare_data(options), *compare_epochs(options), *compare_memory(options)]
    print(f"{options.model} on {options.dataset}, N = 100, {options.rows} rows in a step")
    print(comparison.table(comparisons))
    return [asdict(row) for row in comparisons]


def _ranking(options: argparse.Namespace) -> list[dict[str, Any]]:
    rows = compare_ranking(options.model, options.ranking, options.items, options.repeats)
    print(f"{options.model}, {options.ranking:,} users and {options.items:,} items, CPU time")
    print(comparison.table(rows))
    return [asdict(row) for row in rows]


def _scale(options: argparse.Namespace) -> list[dict[str, Any]]:
    batches = options.batches or None  # 0 is a whole epoch
    same = {"num_items": options.items, "each": options.each, "step_rows": options.rows}
    sizes = [
        Size(side, options.model, interactions // options.each, batches=batches, **same)
        for interactions in options.scale
        for side in options.sides
    ]
    costs = scale.scale(sizes)
    print(scale.table(costs))
    return [{**asdict(size), **asdict(cost)} for size, cost in costs]


def _on_gpu(options: argparse.Namespace) -> list[dict[str, Any]]:
    if not torch.cuda.is_available():
        raise InputError("--gpu needs a GPU, and torch.cuda.is_available() is False")
    costs = on_gpu.measure_gpu(options)
    card = torch.cuda.get_device_name()
    print(f"{card}, {options.dataset}, N = 100, {options.rows} rows in a step")
    print(on_gpu.table(costs))
    return [{"gpu": card, **asdict(cost)} for cost in costs]


def _to_quality(options: argparse.Namespace) -> list[dict[str, Any]]:
    race = Race(
        options.model,
        options.dataset,
        options.data_path,
        options.config_files.split(),
        options.epochs,
    )
    trainings = to_quality.race_to_quality(race)
    print(f"{options.model} on {options.dataset}, at most {options.epochs} epochs")
    print(to_quality.table(*trainings))
    return [asdict(row) for training in trainings for row in training.validations]


def _samplers(options: argparse.Namespace) -> list[dict[str, Any]]:
    costs = sampler_costs.measure_samplers(options)
    print(f"{options.model} on {options.dataset}, N = 100, {options.rows} rows in a step")
    print(sampler_costs.table(costs))
    return [asdict(cost) for cost in costs]
