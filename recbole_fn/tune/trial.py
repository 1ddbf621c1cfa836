"""One trial, in a process of Ray's: trains, and reports each validation."""

import gc
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch
from recbole.utils.logger import RemoveColorFilter

from recbole_fn.environment.compat import report
from recbole_fn.environment.warning_filters import silence_known_warnings
from recbole_fn.experiment.build import build_experiment
from recbole_fn.training.trainer import FNTrainer
from recbole_fn.tune import records
from recbole_fn.tune.data import unpacked
from recbole_fn.tune.data_files import require_same_files
from recbole_fn.tune.records import Record
from recbole_fn.tune.search import Search
from recbole_fn.tune.storage import Storage
from recbole_fn.tune.validations import Entry, Validations
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.trainer_type import Trainer

LOG, LAST, BEST = "log.txt", "best-last.pth", "best.pth"
_LAST_BEFORE = "last.pth"  # its name in searches of recbole_fn 0.1


@dataclass(frozen=True)
class Place:
    """Where trials run.

    Attributes:
        storage: The search's place.
        path: Where modules are imported from.
        gpus: GPUs of a trial, or a share of one.

    Examples:
        >>> Place(Storage("saved/tune"), path=(), gpus=0).devices()
        {'use_gpu': False, 'gpu_id': ''}
    """

    storage: Storage
    path: tuple[str, ...]
    gpus: float

    def devices(self) -> dict[str, Any]:
        """The keys that keep a trial on the GPUs that Ray gave it, or off all of them."""
        if not self.gpus:
            return {"use_gpu": False, "gpu_id": ""}
        return {"gpu_id": os.environ.get("CUDA_VISIBLE_DEVICES", "0")}


def run_trial(chosen: dict[str, Any], search: Search, place: Place, data: bytes | None) -> None:
    """Trains a trial from the start, or from where it was stopped.

    A mistake in its keys ends it for good; anything else is raised, so that Ray tries it again.

    Args:
        chosen: Its `number` and `keys`.
        search: The search.
        place: Where it runs.
        data: The packed data set; None where a trial has one of its own.

    Examples:
        `run_trials` lets Ray call it for each trial::

            run_trial({"number": 0, "keys": {"fn_flip_after": 5}}, search, place, data=None)
    """
    silence_known_warnings()
    sys.path.extend(path for path in place.path if path not in sys.path)
    torch.set_num_threads(search.settings.cpus_per_trial)
    torch.autograd.set_detect_anomaly(False)  # RecBole's SINE leaves it on
    _free_memory()
    record = records.read(place.storage, chosen["number"])
    if record.done:
        return
    with _standing_in_folder(place.storage, record) as folder, _logged(folder / LOG):
        try:
            _train(record, search, place, folder, data)
        except InputError as error:
            logging.getLogger().error(error)
            record.reason = str(error)
        finally:
            place.storage.upload(folder / LOG, f"{record.name}/{LOG}")
    record.done = True
    records.write_epochs(place.storage, record)


def _free_memory() -> None:
    """Frees what the trial before has left in this process: model and trainer lie in a circle."""
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


@contextmanager
def _standing_in_folder(storage: Storage, record: Record) -> Iterator[Path]:
    """Where a trial writes its files; RecBole writes where it stands, so it stands there."""
    before = Path.cwd()
    folder = (storage.folder or before) / record.name
    folder.mkdir(parents=True, exist_ok=True)
    os.chdir(folder)
    try:
        yield folder
    finally:
        os.chdir(before)


def _train(record: Record, search: Search, place: Place, folder: Path, data: bytes | None) -> None:
    config = search.config(record.keys, folder, checkpoint_dir=str(folder), **place.devices())
    if data is None:  # else it was read when the search began
        require_same_files(place.storage, config)
    run = build_experiment(config, None if data is None else partial(unpacked, data=data))
    trainer, storage = run.trainer, place.storage
    trainer.saved_model_file = str(folder / BEST)
    _go_on(trainer, storage, record, folder)

    def note(entries: list[Entry]) -> None:
        # Before the last checkpoint is written: one without its record would lose a score.
        record.epochs = entries
        records.write_epochs(storage, record)

    validations = Validations(trainer, record.epochs, note)

    def validated(epoch: int, score: float) -> None:
        if not isinstance(trainer, FNTrainer):  # which has written its last checkpoint by itself
            trainer._save_checkpoint(epoch, verbose=False, saved_model_file=str(folder / LAST))
        for name in (BEST, LAST):
            storage.upload(folder / name, f"{record.name}/{name}")
        report(validations.report())

    trainer.fit(run.train_data, run.valid_data, callback_fn=validated)


def _go_on(trainer: Trainer, storage: Storage, record: Record, folder: Path) -> None:
    """Makes the next `fit` go on after the trial's last validation, if there was one."""
    for name in (BEST, LAST, _LAST_BEFORE):
        storage.download(f"{record.name}/{name}", folder / name)
    if (folder / _LAST_BEFORE).is_file():
        (folder / _LAST_BEFORE).replace(folder / LAST)
    if (folder / LAST).is_file():
        trainer.resume_checkpoint(str(folder / LAST))
        trainer.saved_model_file = str(folder / BEST)  # RecBole would write to what it has read


@contextmanager
def _logged(path: Path) -> Iterator[None]:
    """Within the context, all that is logged goes to a file too, and why it ended, if by error."""
    root, handler = logging.getLogger(), logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    handler.addFilter(RemoveColorFilter())
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    try:
        yield
    except Exception:
        root.exception("the trial failed")
        raise
    finally:
        root.removeHandler(handler)
        handler.close()
