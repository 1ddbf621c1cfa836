"""`python -m recbole_fn.benchmark`: what training costs, beside RecBole on the same work.

Every line is a ratio of medians measured in turn within one run, ours and RecBole's on equally
many rows, because absolute times differ between machines and between hours.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Optional

import numpy as np
import torch
from recbole.config import Config
from recbole.sampler import Sampler

from recbole_fn.assembly import Experiment, assemble, load_data
from recbole_fn.comparison import Comparison, Task, compare, table
from recbole_fn.data.loading import ROW_FIELD, FNWindowDataLoader
from recbole_fn.registry import register
from recbole_fn.trainer import FNTrainer

ON = {"fn_enabled": True, "fn_start": 0, "fn_flip_after": 0}
BPR = {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 1}}
CE = {"loss_type": "CE", "train_neg_sample_args": None}
BPR_100 = {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 100}}


class _FewBatches:
    """The first batches of a loader, for a trainer that asks for a whole one; counts rows."""

    def __init__(self, loader: Any, batches: int) -> None:
        self.loader, self.batches, self.shuffle = loader, batches, loader.shuffle
        self.num_rows = 0

    def __len__(self) -> int:
        return min(self.batches, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        self.num_rows = 0
        for batch in islice(iter(self.loader), self.batches):
            self.num_rows += self._rows(batch)
            yield batch

    def _rows(self, batch: Any) -> int:
        if isinstance(self.loader, FNWindowDataLoader):
            return int(self.loader.windows.rows_covered(batch[ROW_FIELD]).sum())
        times: int = self.loader.times  # RecBole repeats a row for each negative
        return len(batch) // times


def experiment(options: argparse.Namespace, **keys: Any) -> Experiment:
    """Builds a run on the data set of the command line, with silent logs."""
    config = configuration(options, **keys)
    return assemble(config, load_data(config))


def configuration(options: argparse.Namespace, **keys: Any) -> Config:
    """RecBole's configuration of a run, the same for both sides but for the given keys."""
    register()
    folder = {"data_path": options.data_path} if options.data_path else {}
    quiet = {"state": "ERROR", "show_progress": False, "epochs": 1, "stopping_step": 1000}
    columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp"]}}
    given = {**quiet, **folder, **columns, **keys}
    return Config(options.model, options.dataset, config_dict=given)


def training(run: Experiment, batches: int) -> Task:
    """A task that trains the given number of batches."""
    data = run.train_data
    if isinstance(run.trainer, FNTrainer):
        data = run.trainer.prepare(data)
    few = _FewBatches(data, batches)

    def task() -> int:
        run.trainer._train_epoch(few, 0)
        return few.num_rows

    return task


def compare_epochs(options: argparse.Namespace) -> list[Comparison]:
    """Training, row for row: ours in both batchings against RecBole's losses."""
    batches, repeats = options.batches, options.repeats
    ours = training(experiment(options, **ON), batches)
    prefix = training(experiment(options, **ON, fn_batching="prefix"), batches)
    before = training(experiment(options, **{**ON, "fn_start": 10**6}), batches)
    found = []
    for name, keys, few in (
        ("BPR, 1 negative", BPR, batches),
        ("CE", CE, batches),
        ("BPR, 100 negatives", BPR_100, 1),
    ):
        theirs = training(experiment(options, **keys), few)
        found.append(compare(f"training: RecBole, {name}", ours, theirs, repeats))
        if keys is BPR:
            what = f"training with fn_batching prefix: RecBole, {name}"
            found.append(compare(what, prefix, theirs, repeats))
    what = "training with extraction: ours before extraction"
    return [*found, compare(what, ours, before, repeats)]


def compare_data(options: argparse.Namespace) -> list[Comparison]:
    """Reading and splitting the data, and drawing negatives with the history left out."""
    run = experiment(options, **ON)
    data, sampler = run.train_data._dataset, run.train_data._sampler
    rows = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))[:2048]
    users, items = (data.inter_feat[field][rows] for field in (data.uid_field, data.iid_field))
    theirs = Sampler(["train"], [data]).set_phase("train")
    user_ids, item_ids = np.asarray(users), np.asarray(items)

    def load(**keys: Any) -> Task:
        config = configuration(options, **keys)
        return lambda: len(load_data(config)[1][0]._dataset)

    return [
        compare("loading the data: RecBole", load(**ON), load(**CE), options.repeats),
        compare(
            "drawing 100 negatives: RecBole's Sampler",
            lambda: sum(len(sampler.draw(users, items, 100)) for _ in range(10)),
            lambda: sum(
                len(theirs.sample_by_user_ids(user_ids, item_ids, 100)) // 100 for _ in range(10)
            ),
            options.repeats,
        ),
    ]


def main(arguments: Optional[list[str]] = None) -> None:
    """Runs the benchmark and prints its table.

    Args:
        arguments: The arguments after the program's name; those of the process by default.
    """
    parser = argparse.ArgumentParser(prog="python -m recbole_fn.benchmark", description=__doc__)
    parser.add_argument("--model", default="SASRec")
    parser.add_argument("--dataset", default="ml-100k")
    parser.add_argument("--data_path", help="folder of the data set's folder")
    parser.add_argument("--batches", type=int, default=5, help="batches of a measured run")
    parser.add_argument("--repeats", type=int, default=3, help="measured runs of each side")
    parser.add_argument("--json", type=Path, help="file for the figures")
    options = parser.parse_args(arguments)
    sys.argv = sys.argv[:1]  # RecBole reads it too
    found = [*compare_data(options), *compare_epochs(options)]
    print(f"{options.model} on {options.dataset}, N = 100\n{table(found)}")
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in found], indent=2) + "\n")


if __name__ == "__main__":
    main()
