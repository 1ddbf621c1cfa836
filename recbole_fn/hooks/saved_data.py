"""Hooks that let RecBole use saved data only if all that it was made of is the same.

RecBole compares some keys, and neither files nor versions nor the keys of this package.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from logging import getLogger
from pathlib import Path
from types import ModuleType
from typing import IO, Any

import recbole.data.dataset.dataset
import recbole.data.utils

from recbole_fn.config.settings import PREFIX, FNSettings
from recbole_fn.data.loaders import dataset_of
from recbole_fn.data.origin import origin_of_dataset, origin_of_loaders
from recbole_fn.data.saved import (
    class_of_dataset,
    dataset_file,
    loaders_file,
    obstacle,
    opened,
    saved_with,
)
from recbole_fn.evaluation.filters import filters_items
from recbole_fn.hooks.original import Original
from recbole_fn.utils.recbole_types import Config, Dataset, Loader

_PATH = "dataset_save_path"
_OF_ONE = "it has the rows of one process, and this run has several"


def create_dataset(original: Original, config: Config) -> Dataset:
    """RecBole's `create_dataset`, which loads a saved data set only if it is right.

    Args:
        original: RecBole's function.
        config: RecBole's configuration.

    Examples:
        `hooks.look_ups.create_dataset` calls it with RecBole's function:

        >>> config["save_dataset"] = True
        >>> dataset = recbole.data.create_dataset(config)
        >>> config["rm_dup_inter"] = "last"
        >>> dataset = recbole.data.create_dataset(config)
        >>> print(*log)
        saved/tiny-SequentialDataset.pth is not used, ...: rm_dup_inter was null and is "last".
    """
    class_name = class_of_dataset(config)
    path = Path(config[_PATH] or dataset_file(config, class_name))
    file = opened(path)
    if file is None:
        dataset: Dataset = original(config)
        # If another run has saved one since, RecBole has taken it, with that run's configuration.
        is_new = dataset.config is config or not path.exists()
        return dataset if is_new else create_dataset(original, config)
    with file:
        reason = obstacle(path, file, origin_of_dataset(config, class_name))
        may_use = _may_use(config, path, reason)
        seen = _opens(recbole.data.utils, path, file) if may_use else _nothing_saved(config, path)
        with seen:
            dataset = original(config)
    if may_use and _differs_from_recbole(config):
        dataset.config = config  # it has that of the run that saved it
    return dataset


def save_dataset(original: Original, dataset: Dataset) -> None:
    """Hook of `Dataset.save`: writes it whole or not at all, and notes what it was made of.

    Examples:
        `register` puts it behind RecBole's method:

        >>> config["save_dataset"] = True
        >>> dataset = recbole.data.create_dataset(config)
        >>> sorted(path.name for path in Path("saved").glob("tiny*"))
        ['tiny-SequentialDataset.pth', 'tiny-SequentialDataset.pth.origin.json']
    """
    class_name, config = type(dataset).__name__, dataset.config
    path = dataset_file(config, class_name)
    with (
        saved_with(path, origin_of_dataset(config, class_name)) as file,
        _opens(recbole.data.dataset.dataset, path, file),
    ):
        original(dataset)


def load_split_dataloaders(original: Original, config: Config) -> tuple[Loader, ...] | None:
    """Hook of `load_split_dataloaders`: None, so that they are made anew, if one would be wrong.

    In several processes each loader has the rows of its own process, and saved are those of the
    first.

    Examples:
        `register` puts it behind RecBole's function, which `data_preparation` asks first:

        >>> config["save_dataloaders"] = True
        >>> made = recbole.data.data_preparation(config, recbole.data.create_dataset(config))
        >>> [type(loader).__name__ for loader in recbole.data.utils.load_split_dataloaders(config)]
        ['FNTrainDataLoader', 'FNFullSortEvalDataLoader', 'FNFullSortEvalDataLoader']
    """
    path = Path(config["dataloaders_save_path"] or loaders_file(config))
    file = opened(path)
    if file is None:
        return None
    with file:
        is_alone = config["single_spec"]
        reason = obstacle(path, file, origin_of_loaders(config)) if is_alone else _OF_ONE
        if not _may_use(config, path, reason):
            return None
        with _opens(recbole.data.utils, path, file):
            loaders: tuple[Loader, ...] | None = original(config)
    if loaders is not None and _differs_from_recbole(config):
        for loader in loaders:
            dataset_of(loader).config = config
    return loaders


def save_split_dataloaders(
    original: Original, config: Config, dataloaders: tuple[Any, ...]
) -> None:
    """Hook of `save_split_dataloaders`: as `save_dataset`, and the loaders keep their generators.

    RecBole takes the generators away, so a run that saves its loaders would draw from PyTorch's
    global one, and train otherwise than a run that loads them.

    Examples:
        `register` puts it behind RecBole's function, which `data_preparation` calls last:

        >>> config["save_dataloaders"] = True
        >>> loaders = recbole.data.data_preparation(config, recbole.data.create_dataset(config))
        >>> sorted(path.name for path in Path("saved").glob("tiny*"))
        ['tiny-for-SASRec-dataloader.pth', 'tiny-for-SASRec-dataloader.pth.origin.json']
    """
    generators, path = [loader.generator for loader in dataloaders], loaders_file(config)
    with (
        saved_with(path, origin_of_loaders(config)) as file,
        _opens(recbole.data.utils, path, file),
    ):
        original(config, dataloaders=dataloaders)
    if _differs_from_recbole(config):
        for loader, generator in zip(dataloaders, generators, strict=True):
            loader.generator = loader.sampler.generator = generator


def _differs_from_recbole(config: Config) -> bool:
    """Whether a run trains or evaluates in the way of this package."""
    settings = FNSettings.from_config(config.final_config_dict)
    return settings.enabled or filters_items(settings)


def _may_use(config: Config, path: Path, reason: str | None) -> bool:
    """Whether RecBole may look at a saved file; says why it may or not, for a reason against it.

    In a run of plain RecBole its own rule holds, unless this package has made the file.
    """
    if reason is None:
        getLogger().info(f"{path} is used: keys, files and versions are those it was made with.")
    elif not _differs_from_recbole(config) and not reason.startswith(PREFIX):
        getLogger().warning(
            f"{path} may be used by RecBole's rule, which compares few keys and no files, although "
            f"{reason}; delete it if the results must be those of this configuration"
        )
        return True
    else:
        getLogger().warning(f"{path} is not used, and the data is prepared anew: {reason}.")
    return reason is None


@contextmanager
def _opens(module: ModuleType, path: Path, file: IO[bytes]) -> Iterator[None]:
    """Within the context, a module of RecBole that opens a file gets one that is open already.

    RecBole opens files by their names, behind which another run may have put another one.
    """

    def instead(name: Any, *args: Any, **kwargs: Any) -> AbstractContextManager[IO[Any]]:
        return nullcontext(file) if Path(name) == path else open(name, *args, **kwargs)

    before = {name: value for name, value in vars(module).items() if name == "open"}
    vars(module)["open"] = instead
    try:
        yield
    finally:
        del vars(module)["open"]
        vars(module).update(before)  # that of a context around this one


@contextmanager
def _nothing_saved(config: Config, path: Path) -> Iterator[None]:
    """Within the context, RecBole looks for a saved data set where there is none."""
    before = config[_PATH]
    config[_PATH] = str(path / "none")  # no folder
    try:
        yield
    finally:
        config[_PATH] = before
