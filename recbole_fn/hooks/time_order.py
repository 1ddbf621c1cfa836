"""Hooks of RecBole's data set: interactions are sorted and split by their whole timestamps.

While RecBole sorts and splits, the time column holds the ranks of the times; afterwards it holds
what RecBole would have put there.
"""

from logging import getLogger
from pathlib import Path

import numpy as np
from recbole.data.dataset import SequentialDataset
from recbole.utils import FeatureType

from recbole_fn.config.measured_keys import FILTERS
from recbole_fn.config.settings import FNSettings
from recbole_fn.data.prefixes import FNSequentialDataset
from recbole_fn.data.read_times import read_order
from recbole_fn.data.time_order import (
    TimeOrder,
    order_of,
    restore_times,
    time_ranks,
    users_out_of_order,
)
from recbole_fn.hooks.kinds import mark_kinds
from recbole_fn.hooks.original import Original
from recbole_fn.hooks.rounded import warn_of_rounded_integers
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import Dataset


def load_inter_feat(original: Original, dataset: Dataset, token: str, path: str) -> None:
    """Hook of `Dataset._load_inter_feat`: notes the order of the file's lines in time.

    Examples:
        >>> import recbole.data  # `create_dataset` calls the hooked method
        >>> len(recbole.data.create_dataset(config).fn_time_order.ranks)
        855
    """
    original(dataset, token, path)
    mark_kinds(dataset)
    if _is_ordered(dataset) or _lacks_histories(dataset):
        parts = [f"{token}.{part}" for part in dataset.config["benchmark_filename"] or ()]
        files = [str(Path(path) / f"{part}.inter") for part in parts or [token]]
        dataset.fn_time_order = TimeOrder.of(np.ones(len(dataset.inter_feat), dtype=np.int64))
        if _has_times(dataset):
            times = dataset.inter_feat[dataset.time_field].to_numpy()
            dataset.fn_time_order = read_order(dataset.config, files, times)


def remove_duplication(original: Original, dataset: Dataset) -> None:
    """Hook of `Dataset._remove_duplication`: the first and last are so by whole times and lines.

    Examples:
        >>> import recbole.data  # `create_dataset` calls the hooked method
        >>> config["rm_dup_inter"] = "first"
        >>> len(recbole.data.create_dataset(config).inter_feat)
        855
    """
    order = order_of(dataset)
    if order is None or dataset.config["rm_dup_inter"] is None or not _has_times(dataset):
        original(dataset)
        return
    times = dataset.inter_feat[dataset.time_field]
    dataset.inter_feat[dataset.time_field] = order.places(times.index.to_numpy())
    original(dataset)
    dataset.inter_feat[dataset.time_field] = times.loc[dataset.inter_feat.index]


def reset_index(original: Original, dataset: Dataset) -> None:
    """Hook of `Dataset._reset_index`: notes which lines RecBole's filters have left.

    Examples:
        >>> import numpy as np, pandas as pd
        >>> from types import SimpleNamespace
        >>> rows = pd.DataFrame({"item_id": [5, 6]}, index=[0, 2])  # line 1 is filtered out
        >>> order = TimeOrder.of(np.array([3, 1, 2]))
        >>> reset_index(lambda dataset: None, SimpleNamespace(inter_feat=rows, fn_time_order=order))
        >>> order.ranks
        array([3, 2])
    """
    order = order_of(dataset)
    if order is not None:
        if dataset.inter_feat.empty:  # RecBole says of any table that it is empty
            raise InputError(
                f"no interactions of data set {dataset.config['dataset']!r} are left; its files "
                f"must have some, and some must pass the filters ({_set_filters(dataset)})"
            )
        order.keep(dataset.inter_feat.index.to_numpy())
    original(dataset)


def change_feat_format(original: Original, dataset: Dataset) -> None:
    """Hook of `Dataset._change_feat_format`: within `build`, ranks take the place of times.

    Examples:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> rows = SimpleNamespace(interaction={"time": torch.tensor([30.0, 10.0])})
        >>> order = TimeOrder.of(torch.tensor([2, 1]).numpy())
        >>> dataset = SimpleNamespace(inter_feat=rows, time_field="time", fn_time_order=order)
        >>> change_feat_format(lambda dataset: None, dataset)
        >>> rows.interaction["time"]
        tensor([2, 1])
    """
    order = order_of(dataset)
    original(dataset)
    if order is not None:
        order.replace_column(dataset.inter_feat.interaction, dataset.time_field)


def build(original: Original, dataset: Dataset) -> list[Dataset]:
    """Hook of `SequentialDataset.build`: sorts and splits by whole times.

    A run without `fn_enabled` is RecBole's own; it gets a warning if its order is wrong.

    Examples:
        >>> import recbole.data
        >>> [len(split) for split in recbole.data.create_dataset(config).build()]
        [615, 80, 80]
    """
    if dataset.config["fn_enabled"]:
        warn_of_rounded_integers(dataset)
    if not _is_ordered(dataset):
        if _settings(dataset).whole_times is None:
            _warn_if_out_of_order(dataset)
        plain: list[Dataset] = original(dataset)
        return plain
    time = dataset.time_field
    # A data set that an earlier version has saved has no order; its float64 times are left.
    order = order_of(dataset) or TimeOrder.of(time_ranks(dataset.inter_feat[time].to_numpy()))
    dataset.inter_feat = dataset.inter_feat.iloc[order.by_lines()].reset_index(drop=True)
    dataset.fn_time_order = order
    splits: list[Dataset] = original(dataset)
    _require_training_rows(dataset, splits[0])
    fields = [time, time + dataset.config["LIST_SUFFIX"]]
    if isinstance(dataset, FNSequentialDataset):
        fields.pop()  # it stores histories once, with their times
    for part in splits:
        restore_times(order, part.inter_feat, fields)
        del part.fn_time_order
    del dataset.fn_time_order
    return splits


def _require_training_rows(dataset: Dataset, training: Dataset) -> None:
    if not len(training):
        raise InputError(
            f"no interactions of data set {dataset.config['dataset']!r} are left to train on; some "
            f"users must have two or more, beside those that eval_args holds out: "
            f"{dataset.config['eval_args']['split']}"
        )


def _set_filters(dataset: Dataset) -> str:
    filters = {name: dataset.config[name] for name in FILTERS}
    named = [f"{name}: {value}" for name, value in filters.items() if value]
    return ", ".join(named) or "there are none"


def _settings(dataset: Dataset) -> FNSettings:
    return FNSettings.from_config(dataset.config.final_config_dict)


def _is_ordered(dataset: Dataset) -> bool:
    """Whether a data set is sorted by RecBole, and is to be by whole times."""
    wanted = _settings(dataset).whole_times
    # `enabled` of the settings is off in a pretraining, which reads the same rows.
    return _is_sorted(dataset) and bool(dataset.config["fn_enabled"] if wanted is None else wanted)


def _is_sorted(dataset: Dataset) -> bool:
    """Files of parts are used in their own order."""
    is_sequential = isinstance(dataset, SequentialDataset)
    in_parts = dataset.config["benchmark_filename"] is not None
    return is_sequential and not in_parts and _has_times(dataset)


def _lacks_histories(dataset: Dataset) -> bool:
    """Whether files of parts hold plain interactions, whose histories are made (`pre_split`)."""
    lists = dataset.iid_field + dataset.config["LIST_SUFFIX"]
    in_parts = dataset.config["benchmark_filename"] is not None
    return isinstance(dataset, SequentialDataset) and in_parts and lists not in dataset.inter_feat


def _has_times(dataset: Dataset) -> bool:
    rows, time = dataset.inter_feat, dataset.time_field
    return time in rows and dataset.field2type[time] == FeatureType.FLOAT


def _warn_if_out_of_order(dataset: Dataset) -> None:
    if not _is_sorted(dataset) or dataset.time_field in dataset.config["numerical_features"]:
        return
    rows, time = dataset.inter_feat, dataset.time_field
    users = users_out_of_order(rows[dataset.uid_field].to_numpy(), rows[time].to_numpy())
    if users:
        getLogger().warning(
            f"{time} is rounded to float32 before RecBole sorts by it: {users} users have "
            f"interactions out of order; fn_whole_times: True sorts by the whole numbers"
        )
