"""The first batches of a run, to measure its steps."""

from collections.abc import Iterator
from itertools import islice
from time import perf_counter
from typing import Any

from recbole_fn.data.loaders import ROW_FIELD, FNWindowDataLoader
from recbole_fn.experiment.build import Experiment
from recbole_fn.training.trainer import FNTrainer


class FirstBatches:
    """A training loader that ends after the first batches of a run's own loader.

    Args:
        run: The run.
        batches: Number of batches; None for all.

    Attributes:
        num_rows: Rows loaded since the last pass began.
        marks: The time in seconds when each batch was ready and when the last one was finished,
            each with the number of rows before it.

    Example:
        >>> from types import SimpleNamespace
        >>> class Loader(list):
        ...     shuffle, times = True, 1
        >>> run = SimpleNamespace(train_data=Loader([[1, 2], [3, 4], [5]]), trainer=None)
        >>> first = FirstBatches(run, batches=2)
        >>> list(first), first.num_rows
        ([[1, 2], [3, 4]], 4)
    """

    def __init__(self, run: Experiment, batches: int | None = None) -> None:
        self.run, self.loader = run, run.train_data
        if isinstance(run.trainer, FNTrainer):
            self.loader = run.trainer.fn_prepare(run.train_data)
        self.batches, self.shuffle = batches, self.loader.shuffle
        self.num_rows = 0
        self.marks: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self.loader) if self.batches is None else min(self.batches, len(self.loader))

    def __iter__(self) -> Iterator[Any]:
        self.num_rows, self.marks = 0, []
        for batch in islice(iter(self.loader), len(self)):
            self.marks.append((perf_counter(), self.num_rows))
            self.num_rows += self._rows(batch)
            yield batch
        self.marks.append((perf_counter(), self.num_rows))

    @property
    def sampler(self) -> Any:
        """The loader's own, to which RecBole tells the epoch in a run of several processes."""
        return self.loader.sampler

    def train(self, epoch: int = 0) -> int:
        """Trains the batches as an epoch of RecBole's and returns their number of rows."""
        self.run.trainer._train_epoch(self, epoch)
        return self.num_rows

    def _rows(self, batch: Any) -> int:
        if isinstance(self.loader, FNWindowDataLoader):
            return int(self.loader.windows.rows_covered(batch[ROW_FIELD]).sum())
        times: int = self.loader.times  # RecBole repeats a row for each negative
        return len(batch) // times
