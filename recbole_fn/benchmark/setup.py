"""The runs to be measured: equal data, model and keys for both sides."""

from collections.abc import Sequence
from typing import Any

from recbole.config import Config

from recbole_fn.experiment.build import read_config

ON: dict[str, Any] = {"fn_enabled": True, "fn_start": 0, "fn_flip_after": 0}
BPR = {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 1}}
CE = {"loss_type": "CE", "train_neg_sample_args": None}
BPR_100 = {"loss_type": "BPR", "train_neg_sample_args": {"sample_num": 100}}


def configuration(
    model: str,
    dataset: str,
    data_path: str | None,
    files: Sequence[str] = (),
    **keys: Any,
) -> Config:
    """The configuration of a silent run; both sides differ only in the keys.

    Args:
        model: Name of the model.
        dataset: Name of the data set.
        data_path: Folder with the data set's folder; None for RecBole's own.
        files: Property files; the keys win over them.
        **keys: Keys of RecBole and of this package.

    Example:
        >>> config = configuration("SASRec", "tiny", None, train_batch_size=512, **CE)
        >>> config["train_batch_size"], config["show_progress"]
        (512, False)
    """
    folder = {"data_path": data_path} if data_path else {}
    quiet = {"state": "ERROR", "show_progress": False, "epochs": 1, "stopping_step": 1000}
    columns = {"load_col": {"inter": ["user_id", "item_id", "timestamp"]}}
    return read_config(model, dataset, files, keys={**quiet, **folder, **columns, **keys})
