"""What this package reads of RecBole's objects; RecBole itself has no types to check against."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from logging import Logger
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from recbole_fn.utils.part_types import Board

State = dict[str, Any]
"""A part of a checkpoint: tensors and plain values by name."""

Keys = dict[str, Any]
"""Keys of a configuration with their values, which may be anything."""

Device = torch.device | str
"""What `torch.device` accepts."""


class Config(Protocol):
    """RecBole's configuration: a key that nobody has set reads as None.

    Examples:
        >>> from recbole.config import Config as Configuration
        >>> config: Config = Configuration("BPR", "ml-100k", config_dict={"epochs": 3})
        >>> config["epochs"], config["my_key"]
        (3, None)
    """

    final_config_dict: dict[str, Any]
    external_config_dict: dict[str, Any]
    internal_config_dict: dict[str, Any]
    parameters: dict[str, list[str]]
    model_class: type

    def __getitem__(self, key: str) -> Any: ...
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __contains__(self, key: str) -> bool: ...


class Interaction(Protocol):
    """Columns of equally many rows, each a tensor of shape [rows] or [rows, length].

    Examples:
        >>> from recbole.data.interaction import Interaction as Columns
        >>> batch: Interaction = Columns({"item_id": torch.tensor([3, 5])})
        >>> len(batch), "user_id" in batch, batch["item_id"]
        (2, False, tensor([3, 5]))
    """

    interaction: dict[str, Tensor]

    def __getitem__(self, field: str) -> Tensor: ...
    def __contains__(self, field: str) -> bool: ...
    def __len__(self) -> int: ...


class Dataset(Protocol):
    """A sequential data set, or one of its splits; ids count from 1, and 0 is padding.

    Examples:
        RecBole makes it: `recbole.data.create_dataset(config)`.
    """

    config: Config
    dataset_name: str
    inter_feat: Any  # a DataFrame until the data set is built, an Interaction afterwards
    uid_field: str
    iid_field: str
    time_field: str
    item_list_length_field: str
    item_id_list_field: str
    field2id_token: dict[str, Any]
    field2type: dict[str, Any]
    fn_time_order: Any  # see `hooks.time_order`
    set_field_property: Callable[..., None]
    fn_real_negatives: Callable[[], Any]  # see `feedback.dataset`

    @property
    def user_num(self) -> int:
        """Number of users, the padding id included."""

    @property
    def item_num(self) -> int:
        """Number of items, the padding id included."""

    def __len__(self) -> int: ...

    def id2token(self, field: str, ids: Any) -> Any:
        """The tokens of ids, in the shape of the ids."""
        ...


class Loader(Protocol):
    """A loader of a split: batches of its rows.

    Examples:
        Made by RecBole::

            valid_data: Loader = recbole.data.data_preparation(config, dataset)[1]
    """

    generator: torch.Generator
    shuffle: bool
    _dataset: Dataset
    _sampler: Any

    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...


class TrainLoader(Loader, Protocol):
    """A loader of training rows; each row is repeated for every negative that RecBole draws.

    Examples:
        Made by RecBole::

            train_data: TrainLoader = recbole.data.data_preparation(config, dataset)[0]
    """

    times: int


class Model(nn.Module):
    """A sequential model, as RecBole's base class defines it. For annotations only.

    A class and not a protocol, so that it passes wherever PyTorch asks for a module.

    Examples:
        >>> model: Model = nn.Module()
        >>> model.item_embedding = nn.Embedding.from_pretrained(torch.eye(3))
        >>> model.item_embedding.weight[2]  # [hidden]
        tensor([0., 0., 1.])
    """

    ITEM_ID: str
    NEG_ITEM_ID: str
    ITEM_SEQ: str
    ITEM_SEQ_LEN: str
    n_items: int
    item_embedding: nn.Embedding
    fn_all_positions: bool  # see `FNRecommender`, as the next three
    fn_prior: Any
    fn_of_probabilities: Tensor
    fn_own_scores: Callable[[], AbstractContextManager[None]]
    full_sort_predict: Callable[[Interaction], Tensor]  # of all items
    predict: Callable[[Interaction], Tensor]  # of an item for each row, [rows]
    calculate_loss: Callable[[Interaction], Tensor | tuple[Tensor, ...]]

    def other_parameter(self) -> dict[str, Any]:  # type: ignore[empty-body]
        """What a checkpoint holds of the model beside its weights."""
        ...

    def load_other_parameter(self, parameters: dict[str, Any] | None) -> None:
        """Restores what `other_parameter` returned."""


class Trainer(Protocol):
    """RecBole's trainer, as its callbacks and checkpoints see it.

    Examples:
        Made by RecBole, or by this package::

            trainer: Trainer = build_experiment(config).trainer
    """

    config: Config
    model: Model
    device: torch.device
    logger: Logger
    optimizer: torch.optim.Optimizer
    tensorboard: Board
    wandblogger: Any
    saved_model_file: str
    start_epoch: int
    epochs: int
    eval_step: int
    cur_step: int
    stopping_step: int
    valid_metric: str
    valid_metric_bigger: bool
    enable_scaler: bool
    distributed_model: nn.Module
    eval_collector: Any
    evaluator: Any
    best_valid_score: float
    best_valid_result: dict[str, float] | None
    train_loss_dict: dict[int, float]
    _full_sort_batch_eval: Callable[[Any], tuple[Any, ...]]

    def fit(self, train_data: Any, valid_data: Any = None, **options: Any) -> Any:
        """Trains; returns the best validation score and its metrics."""
        ...

    def evaluate(self, eval_data: Any, **options: Any) -> Any:
        """The metrics of a loader's rows."""
        ...
