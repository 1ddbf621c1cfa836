"""`python -m recbole_fn.benchmark`: what training costs, beside RecBole on the same work.

Every line is a ratio of medians measured in turn within one run, ours and RecBole's on equally
many rows, because absolute times differ between machines and between hours.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Optional

import numpy as np
import torch
from recbole.config import Config
from recbole.sampler import Sampler
from texttable import Texttable
from tqdm import tqdm

from recbole_fn.assembly import Experiment, assemble, load_data
from recbole_fn.registry import register

Task = Callable[[], Any]
ON = {"fn_enabled": True, "fn_start": 0, "fn_flip_after": 0}
RECBOLE = {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 1}}


@dataclass(frozen=True)
class Comparison:
    """Medians of two tasks that were run in turn.

    Attributes:
        what: What was compared.
        ours: Median seconds of ours.
        other: Median seconds of the other.
        times_faster: `other / ours`.
        lowest: The lowest ratio of a pair.
        highest: The highest ratio of a pair.
    """

    what: str
    ours: float
    other: float
    times_faster: float
    lowest: float
    highest: float


def compare(what: str, ours: Task, other: Task, repeats: int) -> Comparison:
    """Runs two tasks in turn, after one unmeasured run of each.

    Args:
        what: What is compared.
        ours: Our side.
        other: The other side.
        repeats: Measured runs of each.
    """
    pairs = []
    for repeat in tqdm(range(repeats + 1), desc=what, ncols=100):
        pair = _seconds(ours), _seconds(other)
        if repeat:
            pairs.append(pair)
    mine, theirs = (median(side) for side in zip(*pairs))
    ratios = [second / first for first, second in pairs]
    return Comparison(what, mine, theirs, theirs / mine, min(ratios), max(ratios))


def _seconds(task: Task) -> float:
    begin = perf_counter()
    task()
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return perf_counter() - begin


class _FewBatches:
    """The first batches of a loader, for a trainer that asks for a whole one."""

    def __init__(self, loader: Any, batches: int) -> None:
        self.loader, self.batches, self.shuffle = loader, batches, loader.shuffle

    def __len__(self) -> int:
        return min(self.batches, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        return islice(iter(self.loader), self.batches)


def experiment(options: argparse.Namespace, **keys: Any) -> Experiment:
    """Builds a run on the data set of the command line, with silent logs."""
    register()
    folder = {"data_path": options.data_path} if options.data_path else {}
    quiet = {"state": "ERROR", "show_progress": False, "epochs": 1, "stopping_step": 1000}
    columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp"]}}
    given = {**quiet, **folder, **columns, **keys}
    config = Config(options.model, options.dataset, config_dict=given)
    return assemble(config, load_data(config))


def training(run: Experiment, batches: int) -> Task:
    """A task that trains the given number of batches; false-negative training is warmed up."""
    data = run.train_data
    if hasattr(run.trainer, "prepare"):
        data = run.trainer.prepare(data)
    few = _FewBatches(data, batches)
    return lambda: run.trainer._train_epoch(few, 0)


def compare_epochs(options: argparse.Namespace) -> list[Comparison]:
    """Training of equally many rows: ours in both batchings, and without extraction."""
    ours = training(experiment(options, **ON), options.batches)
    rows = f"{options.model}, {options.dataset}, {options.batches} batches, N = 100"
    plain = training(experiment(options, **RECBOLE), options.batches)
    prefix = training(experiment(options, **ON, fn_batching="prefix"), options.batches)
    before = training(experiment(options, **{**ON, "fn_start": 10**6}), options.batches)
    return [
        compare(f"{rows}: RecBole with BPR, 1 negative", ours, plain, options.repeats),
        compare(f"{rows}, prefix batching: the same", prefix, plain, options.repeats),
        compare(f"{rows}: ours without extraction", ours, before, options.repeats),
    ]


def compare_sampling(options: argparse.Namespace) -> list[Comparison]:
    """Drawing 100 negatives for 2048 rows of a shuffled epoch with the history left out."""
    run = experiment(options, **ON)
    data = run.train_data._dataset
    rows = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))[:2048]
    users, items = (data.inter_feat[field][rows] for field in (data.uid_field, data.iid_field))
    theirs = Sampler(["train"], [data]).set_phase("train")
    user_ids, item_ids = np.asarray(users), np.asarray(items)
    return [
        compare(
            f"{options.dataset}, 100 negatives for 2048 rows: RecBole's Sampler",
            lambda: run.train_data._sampler.draw(users, items, 100),
            lambda: theirs.sample_by_user_ids(user_ids, item_ids, 100),
            options.repeats,
        )
    ]


def table(comparisons: list[Comparison]) -> str:
    """The comparisons as text."""
    drawn = Texttable(max_width=100)
    drawn.set_cols_dtype(["t"] * 5)
    drawn.set_cols_align(["l", "r", "r", "r", "r"])
    drawn.header(["ours against", "ours (s)", "other (s)", "times faster", "range"])
    for row in comparisons:
        seconds = [f"{value:.3g}" for value in (row.ours, row.other)]
        spread = f"{row.lowest:.3g} - {row.highest:.3g}"
        drawn.add_row([row.what, *seconds, f"{row.times_faster:.3g}", spread])
    text: str = drawn.draw()
    return text


def main(arguments: Optional[list[str]] = None) -> None:
    """Runs the benchmark and prints its table.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m recbole_fn.benchmark", description=__doc__)
    parser.add_argument("--model", default="SASRec")
    parser.add_argument("--dataset", default="ml-100k")
    parser.add_argument("--data_path", help="folder of the data set's folder")
    parser.add_argument("--batches", type=int, default=5, help="batches of 2048 rows a run")
    parser.add_argument("--repeats", type=int, default=3, help="measured runs of each side")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    sys.argv = sys.argv[:1]  # RecBole reads it too
    found = [*compare_sampling(options), *compare_epochs(options)]
    print(table(found))
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
