"""A checkpoint with all that recommending needs: the model, the data set, and its splits."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from recbole.config import Config
from recbole.utils import ModelType
from torch import Tensor

from recbole_fn.data.part_histories import keep_part_histories
from recbole_fn.data.queries import Queries
from recbole_fn.data.whole_histories import (
    STAGES,
    WholeHistories,
    keep_whole_histories,
    queries_of,
)
from recbole_fn.experiment.build import load_dataset
from recbole_fn.experiment.load import read_state, restore_model
from recbole_fn.utils.errors import InputError, mistakes_in
from recbole_fn.utils.recbole_types import Dataset, Model


@dataclass(frozen=True)
class Loaded:
    """A trained model and its data; load it once to recommend several times.

    Attributes:
        name: The checkpoint, for messages.
        config: RecBole's configuration of the run.
        model: The model; from a file, with the weights that evaluation uses.
        dataset: The data set, with the whole history of each user.
        splits: Its splits of training, validation and test.

    Example:
        >>> loaded = Loaded.from_file(model_file)
        >>> len(loaded.user_tokens), len(loaded.item_tokens), loaded.popularity().sum()
        (81, 51, tensor(855))
    """

    name: str
    config: Config
    model: Model
    dataset: WholeHistories
    splits: Sequence[Dataset]

    @classmethod
    def from_file(cls, path: str | Path, model_class: type | None = None) -> "Loaded":
        """Loads a checkpoint of this package or of plain RecBole.

        Args:
            path: The checkpoint.
            model_class: The class of the model, if it cannot be imported.

        Raises:
            InputError: if it cannot be loaded, or its model is not sequential.
        """
        state = read_state(str(path), model_class)
        config = state["config"]
        _require_sequential(config, str(path))
        if not torch.cuda.is_available():
            config["device"] = torch.device("cpu")
        dataset, splits = _data_of(config)
        model = restore_model(state, splits[0], str(path))
        return cls(str(path), config, model.eval(), dataset, splits)

    @classmethod
    def of_model(cls, config: Config, model: Model) -> "Loaded":
        """A model in memory, with the weights it has; its data are loaded anew.

        Right after `fit` these are the student's last ones, not the best. Those that evaluation
        uses are in the checkpoint: `Loaded.from_file(trainer.saved_model_file)`.

        Args:
            config: The configuration that it was made with.
            model: The model.
        """
        _require_sequential(config, type(model).__name__)
        dataset, splits = _data_of(config)
        return cls(type(model).__name__, config, model, dataset, splits)

    @property
    def item_tokens(self) -> np.ndarray:
        """The user's own name of each item id, shape [num_items]."""
        tokens: np.ndarray = self.dataset.field2id_token[self.dataset.iid_field]
        return tokens

    @property
    def user_tokens(self) -> np.ndarray:
        """The user's own name of each user id, shape [num_users]."""
        tokens: np.ndarray = self.dataset.field2id_token[self.dataset.uid_field]
        return tokens

    def queries(self, until: str = "test") -> Queries:
        """The history of each user that the data set has, see `queries_of`.

        Raises:
            InputError: if `until` is no split, or pre-split files do not say what a history is.
        """
        if until not in STAGES:
            raise InputError(f"until is {until!r}; it must be one of {', '.join(STAGES)}")
        if not len(self.dataset.fn_users):
            raise InputError(
                f"benchmark_filename is {self.config['benchmark_filename']!r} in {self.name!r}, "
                f"files whose lists are not all that a user had before; histories must be set, "
                f"with the items of each user"
            )
        return queries_of(self.dataset, self.splits, until)

    def data_files(self) -> list[Path]:
        """The files of the data set."""
        folder, name = Path(self.config["data_path"]), self.config["dataset"]
        return sorted(folder.glob(f"{glob.escape(name)}.*"))

    def popularity(self) -> Tensor:
        """How often the histories that the model reads have each item, shape [num_items]."""
        items = self.dataset.fn_prefixes.sources[self.dataset.item_id_list_field]
        return torch.bincount(items, minlength=self.dataset.item_num)


def _require_sequential(config: Config, name: str) -> None:
    if config["MODEL_TYPE"] != ModelType.SEQUENTIAL:
        raise InputError(
            f"{name!r} is of model {config['model']!r}; it must be of a sequential model"
        )


def _data_of(config: Config) -> tuple[WholeHistories, Sequence[Dataset]]:
    """The data set with whole histories, and its splits."""
    # A net: what is known of files and keys has been refused by `require_usable`.
    with mistakes_in(f"data set {config['dataset']!r}"):
        dataset = load_dataset(config)
        keep_whole_histories(dataset)
        splits: Sequence[Dataset] = dataset.build()  # type: ignore[attr-defined]
        if config["benchmark_filename"] is not None:
            keep_part_histories(dataset)
    return dataset, splits  # type: ignore[return-value]
