"""The hook of RecBole's sequential data set that lets pre-split files hold plain interactions."""

from recbole_fn.data.pre_split import PreSplitDataset, add_histories
from recbole_fn.hooks.original import Original


def benchmark_presets(original: Original, dataset: PreSplitDataset) -> None:
    """Hook of `SequentialDataset._benchmark_presets`: makes the histories that the files lack."""
    if dataset.iid_field + dataset.config["LIST_SUFFIX"] not in dataset.inter_feat:
        add_histories(dataset)
    original(dataset)
