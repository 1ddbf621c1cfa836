"""What a checkpoint holds beside RecBole's entries, so that a run goes on as if never stopped."""

from dataclasses import asdict
from typing import Any, Protocol

from torch.optim.lr_scheduler import LRScheduler

from recbole_fn.checkpoint import random_state
from recbole_fn.checkpoint.cursor import EpochCursor
from recbole_fn.checkpoint.state import RunState
from recbole_fn.data.loaders import sampler_of
from recbole_fn.utils.errors import InputError

FORMAT = 2  # 1, of the first edition, had no number and no sampler's state
_PARTS = ("training_set", "learner", "progress", "losses", "best_result", "schedules", "random")


class Stateful(Protocol):
    """What keeps a state that a checkpoint holds."""

    def state_dict(self) -> dict[str, Any]:
        """The state, as tensors and plain values."""

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes over what `state_dict` returned."""


def capture(
    trainer: Any,
    step: Stateful,
    loader: Any,
    best_result: Any,
    cursor: EpochCursor | None = None,
) -> dict[str, Any]:
    """The state of a run after an epoch, or within one.

    Args:
        trainer: The `FNTrainer`.
        step: Its training step.
        loader: The loader that it trains with.
        best_result: The metrics of the best validation so far, if there was one.
        cursor: Where in the epoch the run is; None after an epoch.
    """
    random = random_state.capture(_generators(trainer, loader))
    if cursor is not None:  # to load the same batches again
        random["generators"]["loader"] = cursor.order
    return {
        "format": FORMAT,
        "training_set": trainer.fn_checkpoint.training_set,
        "learner": step.state_dict(),
        "progress": asdict(trainer.fn_state),
        "losses": {epoch: float(loss) for epoch, loss in trainer.train_loss_dict.items()},
        "best_result": {name: float(value) for name, value in (best_result or {}).items()},
        "schedules": {name: found.state_dict() for name, found in _schedules(trainer).items()},
        "random": random,
        "position": None if cursor is None else cursor.state_dict(),
    }


def restore(trainer: Any, step: Stateful, loader: Any, state: dict[str, Any]) -> EpochCursor | None:
    """Takes over what `capture` returned.

    Args:
        trainer: An `FNTrainer` of the same configuration.
        step: Its training step.
        loader: The loader that it trains with.
        state: The state.

    Returns:
        Where in an epoch to go on; None for the beginning of the next one.

    Raises:
        InputError: if the state is of another training set.
    """
    state = _in_this_format(state)
    _require_parts(state)
    _require_same_rows(state["training_set"], trainer.fn_checkpoint.training_set)
    step.load_state_dict(state["learner"])
    trainer.fn_start.state = RunState(**state["progress"])
    trainer.train_loss_dict = dict(state["losses"])
    trainer.best_valid_result = state["best_result"] or None
    for name, schedule in _schedules(trainer).items():
        schedule.load_state_dict(state["schedules"][name])
    random_state.restore(state["random"], _generators(trainer, loader))
    return None if state["position"] is None else EpochCursor.of(state["position"])


def _in_this_format(state: dict[str, Any]) -> dict[str, Any]:
    """A state as this version writes it, out of one that it or an earlier one has written."""
    number = state.get("format", 1)
    if number not in range(1, FORMAT + 1):
        raise InputError(
            f"the checkpoint has format {number!r} of a later recbole_fn; this version reads up "
            f"to {FORMAT}"
        )
    if number == 1 and isinstance(state.get("learner"), dict):
        return {**state, "learner": {"sampler": {}, **state["learner"]}}
    return state


def _require_parts(state: dict[str, Any]) -> None:
    for name in (*_PARTS, "position"):
        found = state.get(name)
        if not isinstance(found, dict) and not (name == "position" and found is None):
            raise InputError(
                f"the checkpoint is damaged: its part {name} is {type(found).__name__}"
            )


def _require_same_rows(saved: dict[str, Any], ours: dict[str, Any]) -> None:
    if saved != ours:
        counts = (
            ", ".join(f"{s[n]} {n}" for n in ("users", "items", "rows")) for s in (saved, ours)
        )
        before, now = counts
        raise InputError(
            f"the checkpoint was saved on another training set: {before}; here it has {now}"
            + (", which are other ones" if before == now else "")
        )


def _generators(trainer: Any, loader: Any) -> random_state.Generators:
    sampler = sampler_of(loader).generator(trainer.device)
    return {"loader": loader.generator, "sampler": sampler}


def _schedules(trainer: Any) -> dict[str, LRScheduler]:
    """The schedules of the learning rate that a user's trainer may keep in its attributes."""
    found = vars(trainer).items()
    return {name: value for name, value in found if isinstance(value, LRScheduler)}
