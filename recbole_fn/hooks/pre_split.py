"""The hook of RecBole's sequential data set that lets pre-split files hold plain interactions."""

from recbole_fn.data.pre_split import PreSplitDataset, add_histories
from recbole_fn.data.time_order import TimeOrder
from recbole_fn.hooks.original import Original


def benchmark_presets(original: Original, dataset: PreSplitDataset) -> None:
    """Hook of `SequentialDataset._benchmark_presets`: makes the histories that the files lack.

    Examples:
        `register` puts it behind RecBole's method, which `create_dataset` calls:

        >>> from recbole.data import create_dataset
        >>> create_dataset(parts_config).inter_feat["item_id_list"][:3].tolist()
        [array([1]), array([1, 2]), array([1, 2, 3])]
    """
    order: TimeOrder | None = vars(dataset).pop("fn_time_order", None)
    if order is not None:  # there are no histories in the files
        add_histories(dataset, order)
    original(dataset)
