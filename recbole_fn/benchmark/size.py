"""The sizes of made-up data that `--scale` and `--growth` measure, and what each one costs."""

from dataclasses import dataclass
from typing import Any

from recbole_fn.benchmark.setup import BPR, ON

OFF: dict[str, Any] = {"fn_enabled": True, "fn_strategy": "off"}
SIDES: dict[str, dict[str, Any]] = {"ours": ON, "off": OFF, "recbole": BPR}


@dataclass(frozen=True)
class Size:
    """The size of one measurement.

    Attributes:
        side: `ours` or `recbole`, with its BPR loss, as CE needs a score of every item.
        model: Name of the model.
        num_users: Users of the synthetic data set.
        num_items: Items of the data set.
        each: Interactions of each user.
        step_rows: Rows of a batch, RecBole's `train_batch_size`.
        batches: The most batches to train; None for a whole epoch.
        passes: How often they are trained; the last pass is timed.
        negatives: Negatives of a row, N.
        history: The longest history, RecBole's `MAX_ITEM_LIST_LENGTH`.
        slots: Hard negatives that a row remembers at most; None for N.
        nproc: Processes that train together.

    Example:
        >>> Size("recbole", "SASRec", 1000, 500, 10, 2048, None).keys()["train_batch_size"]
        2048
    """

    side: str
    model: str
    num_users: int
    num_items: int
    each: int
    step_rows: int
    batches: int | None
    passes: int = 1
    negatives: int = 100
    history: int = 50
    slots: int | None = None
    nproc: int = 1

    def keys(self) -> dict[str, Any]:
        """The keys of RecBole and of this package that make a run of this size."""
        keys: dict[str, Any] = {"train_batch_size": self.step_rows}
        keys["MAX_ITEM_LIST_LENGTH"] = self.history
        if self.side != "recbole":
            keys |= {"fn_neg_num": self.negatives, "fn_memory_slots": self.slots}
        return {**SIDES[self.side], **keys}


@dataclass(frozen=True)
class Cost:
    """The result of a measurement.

    Attributes:
        rows: Training rows.
        items: Items that occur; a step of Adam updates the embeddings of all of them.
        loading: Seconds to load and split the data and to build model and trainer.
        training: Seconds for 1000 rows after the warm-up batches, loading of batches included.
        trained: Rows that were trained, warm-up batches included.
        loaded_gib: Peak of the process's resident memory before training, in GiB.
        peak_gib: The same after training.
        pairs: (row, item) pairs remembered after training.
        memory_gib: Size of the memory of hard negatives, in GiB.
        sent: Bytes a batch that went over the loopback interface, of all processes together.

    Example:
        >>> Cost(8000, 500, 0.3, 0.1, 8000, 0.4, 0.5, 800, 0.001, 0).rows
        8000
    """

    rows: int
    items: int
    loading: float
    training: float
    trained: int
    loaded_gib: float
    peak_gib: float
    pairs: int
    memory_gib: float
    sent: float
