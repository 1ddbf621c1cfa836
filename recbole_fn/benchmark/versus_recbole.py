"""Times training, loading and negative sampling against RecBole, per row."""

from argparse import Namespace
from typing import Any

import numpy as np
import torch
from recbole.config import Config
from recbole.sampler import Sampler

from recbole_fn.benchmark.comparison import Comparison, Task, compare
from recbole_fn.benchmark.setup import (
    BPR,
    BPR_100,
    CE,
    ON,
    configuration,
)
from recbole_fn.data.loaders import dataset_of, sampler_of
from recbole_fn.experiment.build import build_experiment, load_data
from recbole_fn.experiment.first_batches import FirstBatches


def config_of(options: Namespace, **keys: Any) -> Config:
    """The configuration of a run on the command line's data set.

    Args:
        options: The options of the command line.
        **keys: Further keys of RecBole and of this package.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> config_of(read_options(["--quick", "--dataset=tiny"]), **ON)["train_batch_size"]
        512
    """
    size = {"train_batch_size": options.rows}
    return configuration(options.model, options.dataset, options.data_path, **size, **keys)


def compare_epochs(options: Namespace) -> list[Comparison]:
    """Compares training per row: ours in both batchings against RecBole's losses.

    Args:
        options: The options of the command line.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> rows = compare_epochs(read_options(["--quick", "--dataset=tiny"]))
        >>> all(row.ratio > 0 for row in rows)
        True
    """
    repeats = options.repeats

    def training(batches: int, **keys: Any) -> Task:
        return FirstBatches(build_experiment(config_of(options, **keys)), batches).train

    ours = training(options.batches, **ON)
    prefix = training(options.batches, **ON, fn_batching="prefix")
    before = training(options.batches, **{**ON, "fn_start": 10**6})
    comparisons = []
    for name, keys, few in (
        ("BPR, 1 negative", BPR, options.batches),
        ("CE", CE, options.batches),
        ("BPR, 100 negatives", BPR_100, 1),
    ):
        theirs = training(few, **keys)
        comparisons.append(compare(f"training: RecBole, {name}", ours, theirs, repeats))
        if keys is BPR:
            what = f"training with fn_batching prefix: RecBole, {name}"
            comparisons.append(compare(what, prefix, theirs, repeats))
    what = "training with extraction: ours before extraction"
    return [*comparisons, compare(what, ours, before, repeats)]


def compare_data(options: Namespace) -> list[Comparison]:
    """Compares loading the data, and drawing negatives outside the user's history.

    Args:
        options: The options of the command line.

    Example:
        >>> from recbole_fn.cli.benchmark_options import read_options
        >>> rows = compare_data(read_options(["--quick", "--dataset=tiny"]))
        >>> all(row.ratio > 0 for row in rows)
        True
    """
    run = build_experiment(config_of(options, **ON))
    data, sampler = dataset_of(run.train_data), sampler_of(run.train_data)
    rows = torch.randperm(len(data), generator=torch.Generator().manual_seed(0))[:2048]
    users, items = (data.inter_feat[field][rows] for field in (data.uid_field, data.iid_field))
    theirs = Sampler(["train"], [data]).set_phase("train")
    user_ids, item_ids = np.asarray(users), np.asarray(items)

    def load(**keys: Any) -> Task:
        config = config_of(options, **keys)
        return lambda: len(dataset_of(load_data(config)[1][0]))

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
