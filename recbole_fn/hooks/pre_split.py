"""The hook of RecBole's sequential data set that lets pre-split files hold plain interactions."""

from recbole_fn.data.pre_split import PreSplitDataset, add_histories
from recbole_fn.hooks.original import Original


def benchmark_presets(original: Original, dataset: PreSplitDataset) -> None:
    """Hook of `SequentialDataset._benchmark_presets`: makes the histories that the files lack.

    Examples:
        `register` puts it behind RecBole's method, which `create_dataset` calls::

            keys = {"benchmark_filename": ["train", "valid", "test"]}
            config = read_config("SASRec", "tiny", keys=keys)
            create_dataset(config).inter_feat["item_id_list"]
    """
    if dataset.iid_field + dataset.config["LIST_SUFFIX"] not in dataset.inter_feat:
        add_histories(dataset)
    original(dataset)
