"""Records the epochs of a job, in a file beside its checkpoints too."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from time import perf_counter

from recbole_fn.comparison.status import Status
from recbole_fn.data.origin import changed_file
from recbole_fn.results.epoch_result import EpochResult
from recbole_fn.results.job_result import read_object
from recbole_fn.training.callbacks import Callback, Epoch
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.files import as_json, write_whole
from recbole_fn.utils.trainer_type import Trainer


class EpochNotes(Callback):
    """Records the epochs of a training run, and keeps its status up to date.

    An epoch is in the file before a checkpoint of it is written, so the file of a job that was
    killed may be ahead of the checkpoint and never behind it.

    Args:
        status: The status of the job.
        path: The file.
        files: Size and hash of each file of the data set, which a job that goes on must have too.

    Attributes:
        epochs: The epochs that have been trained, by their number.
        best_epochs: The epochs with the best validation so far, in order.

    Example:
        A job adds it to its trainer's callbacks:

        >>> from recbole_fn.training.attach import attach
        >>> notes = EpochNotes(Status(folder / "status.json"), folder / "epochs.json", files={})
        >>> attach(new_run.trainer, notes)
        >>> score, _ = new_run.trainer.fit(new_run.train_data, new_run.valid_data, verbose=False)
        >>> bool(notes.history()[notes.best].valid_score == score)
        True
    """

    def __init__(self, status: Status, path: Path, files: Mapping[str, str]) -> None:
        self.status, self.path, self.files = status, path, files
        self.epochs: dict[int, EpochResult] = {}
        self.best_epochs: list[int] = []
        self._seconds_before, self._began = 0.0, perf_counter()

    @property
    def best(self) -> int:
        """The epoch whose weights RecBole tests: the last of the best validations.

        Without validations RecBole keeps the weights of the last epoch.
        """
        return self.best_epochs[-1] if self.best_epochs else max(self.epochs, default=0)

    @property
    def seconds(self) -> float:
        """Time spent on the job, in earlier processes too."""
        return self._seconds_before + perf_counter() - self._began

    def on_epoch_end(self, trainer: Trainer, epoch: Epoch) -> None:
        """Records an epoch."""
        self.epochs[epoch.number] = EpochResult(
            epoch.number, epoch.seconds, epoch.loss, None, epoch.extraction
        )
        self.status.trained(epoch.number)
        self.save()

    def on_validation_end(
        self, trainer: Trainer, epoch: int, score: float, result: Mapping[str, float]
    ) -> None:
        """Records a validation."""
        if epoch in self.epochs:  # the loop of a user's trainer may log no epochs
            self.epochs[epoch] = replace(self.epochs[epoch], valid_score=score, valid=result)
        self.status.validated(score)
        if trainer.cur_step == 0:  # validations since the best one
            self.best_epochs.append(epoch)
        self.save()

    def history(self) -> list[EpochResult]:
        """The epochs in order."""
        return list(self.epochs.values())

    def save(self) -> None:
        """Writes the file, whole or not at all."""
        epochs = [asdict(epoch) for epoch in self.history()]
        values = {"seconds": self.seconds, "best_epochs": self.best_epochs, "epochs": epochs}
        write_whole(self.path, as_json({**values, "files": self.files}))

    def restore(self, until: int) -> None:
        """Reads the epochs before a checkpoint; later ones will be trained again.

        Args:
            until: The first epoch that the checkpoint lacks.

        Raises:
            InputError: if the file is missing, damaged, or lacks an epoch, and if a file of the
                data set has changed since.
        """
        try:
            values = read_object(self.path.read_text(encoding="utf-8"))
            epochs = [EpochResult(**epoch) for epoch in values["epochs"]]
            seconds, best = float(values["seconds"]), list(values["best_epochs"])
        except (OSError, KeyError, TypeError, ValueError) as error:
            must = "it must hold the epochs that `compare` has written"
            raise InputError(f"{str(self.path)!r} is missing or damaged; {must}") from error
        changed = changed_file(values.get("files", {}), self.files)
        if changed is not None:
            raise InputError(f"data set file {changed!r} has changed")
        kept = {epoch.epoch: epoch for epoch in epochs if epoch.epoch < until}
        if list(kept) != list(range(until)):
            raise InputError(f"{str(self.path)!r} lacks some of the epochs before {until}")
        self.epochs = kept
        self.best_epochs = [epoch for epoch in best if epoch < until]
        self._seconds_before = seconds
