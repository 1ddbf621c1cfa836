"""What this package reads of RecBole's objects; RecBole itself has no types to check against."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import torch
from torch import Tensor, nn

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
    def to(self, device: str) -> "Interaction":
        """The same rows on a device."""
        ...


class Dataset(Protocol):
    r"""A sequential data set, or one of its splits; ids count from 1, and 0 is padding.

    Examples:
        RecBole makes it from files:

        >>> from tempfile import TemporaryDirectory
        >>> from recbole.config import Config as Configuration
        >>> from recbole.data import create_dataset
        >>> with TemporaryDirectory() as folder:
        ...     with open(folder + "/clicks.inter", "w") as file:
        ...         _ = file.write("user_id:token\titem_id:token\na\t5\na\t6\n")
        ...     keys = {"load_col": None, "benchmark_filename": None}
        ...     config = Configuration("BPR", "clicks", config_dict=keys)
        ...     config["data_path"] = folder
        ...     dataset: Dataset = create_dataset(config)
        >>> len(dataset), dataset.user_num, dataset.id2token("item_id", [1, 2]).tolist()
        (2, 2, ['5', '6'])
    """

    config: Config
    dataset_name: str
    inter_feat: Any  # a DataFrame until the data set is built, an Interaction afterwards
    item_feat: Any  # the same; None without features of items
    user_feat: Any  # the same; None without features of users
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
        RecBole makes them, by `recbole.data.data_preparation(config, dataset)`; a loader of
        PyTorch has the same way of reading:

        >>> from torch.utils.data import DataLoader
        >>> loader: Loader = DataLoader(torch.tensor([3, 5, 8]), batch_size=2)
        >>> len(loader), list(loader)
        (2, [tensor([3, 5]), tensor([8])])
    """

    generator: torch.Generator
    shuffle: bool
    sampler: Any
    _dataset: Dataset
    _sampler: Any

    def __iter__(self) -> Iterator[Any]: ...
    def __len__(self) -> int: ...


class TrainLoader(Loader, Protocol):
    """A loader of training rows; each row is repeated for every negative that RecBole draws.

    Examples:
        With two negatives for each positive, a batch of 3 rows has 9:

        >>> from types import SimpleNamespace
        >>> loader: TrainLoader = SimpleNamespace(times=3)
        >>> len(torch.tensor([1, 2, 3]).repeat(loader.times))
        9
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
