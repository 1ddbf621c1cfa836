"""The entries of a checkpoint beside RecBole's: they let a run go on as if it had never stopped."""

from collections.abc import Mapping
from dataclasses import asdict

from recbole_fn.checkpoint import learners, random_state
from recbole_fn.checkpoint.cursor import EpochCursor
from recbole_fn.checkpoint.resumable import ResumableTrainer, Step
from recbole_fn.checkpoint.state import RunState
from recbole_fn.data.fingerprint import differing
from recbole_fn.data.loaders import sampler_of
from recbole_fn.utils.errors import InputError
from recbole_fn.utils.recbole_types import State

FORMAT = 2  # 1, of the first edition, had no number and no sampler's state
_PARTS = ("training_set", "learner", "progress", "losses", "best_result", "schedules", "random")


def capture(
    trainer: ResumableTrainer,
    training_set: State,
    best_result: Mapping[str, float] | None,
    cursor: EpochCursor | None = None,
) -> State:
    """The state of a run after an epoch, or within one.

    Args:
        trainer: The trainer.
        training_set: What identifies the data.
        best_result: The metrics of the best validation so far, if there was one.
        cursor: The place within the epoch; None after an epoch.

    Examples:
        `LastCheckpoint` writes it to a file:

        >>> state = capture(run.trainer, {"rows": 615}, run.trainer.best_valid_result)
        >>> state["progress"]["started"], list(state["losses"])
        (1, [0, 1, 2, 3, 4])
    """
    random = random_state.capture(_generators(trainer))
    if cursor is not None:  # to load the same batches again
        random["generators"]["loader"] = cursor.order
    return {
        "format": FORMAT,
        "training_set": training_set,
        "learner": step_of(trainer).state_dict(),
        "progress": asdict(trainer.fn_start.state),
        "losses": {epoch: float(loss) for epoch, loss in trainer.train_loss_dict.items()},
        "best_result": {name: float(value) for name, value in (best_result or {}).items()},
        "schedules": learners.capture(trainer),  # and optimizers; the name is of an earlier version
        "random": random,
        "position": None if cursor is None else cursor.state_dict(),
    }


def restore(trainer: ResumableTrainer, training_set: State, state: State) -> EpochCursor | None:
    """Restores what `capture` returned.

    Args:
        trainer: A trainer of the same configuration.
        training_set: What identifies its data.
        state: The state.

    Returns:
        The place within an epoch to go on from; None for the beginning of the next epoch.

    Raises:
        InputError: if the state is damaged, or of other data.

    Examples:
        >>> loader = new_run.trainer.fn_prepare(new_run.train_data)
        >>> restore(new_run.trainer, {"rows": 615}, capture(run.trainer, {"rows": 615}, None))
        >>> new_run.trainer.fn_state.started
        1
    """
    state = _in_this_format(state)
    _require_parts(state)
    _require_same_rows(state["training_set"], training_set)
    step_of(trainer).load_state_dict(state["learner"])
    trainer.fn_start.state = RunState(**state["progress"])
    trainer.train_loss_dict = dict(state["losses"])
    trainer.best_valid_result = state["best_result"] or None
    learners.restore(trainer, state["schedules"])
    random_state.restore(state["random"], _generators(trainer))
    return None if state["position"] is None else EpochCursor.of(state["position"])


def step_of(trainer: ResumableTrainer) -> Step:
    """The training step of a trainer that is in `fit`, or has been.

    Examples:
        >>> from types import SimpleNamespace
        >>> step_of(SimpleNamespace(fn_step="the training step"))
        'the training step'
    """
    assert trainer.fn_step is not None
    return trainer.fn_step


def _in_this_format(state: State) -> State:
    """Converts the state of an earlier version to the current format."""
    number = state.get("format", 1)
    if number not in range(1, FORMAT + 1):
        raise InputError(
            f"the checkpoint has format {number!r}, of a later recbole_fn; it must be at most "
            f"{FORMAT} for this version"
        )
    if number == 1 and isinstance(state.get("learner"), dict):
        return {**state, "learner": {"sampler": {}, **state["learner"]}}
    return state


def _require_parts(state: State) -> None:
    for name in (*_PARTS, "position"):
        part = state.get(name)
        if not isinstance(part, dict) and not (name == "position" and part is None):
            raise InputError(
                f"part {name!r} of the checkpoint is {type(part).__name__}; it must be a dict, "
                f"so the file is damaged"
            )


def _require_same_rows(saved: State, ours: State) -> None:
    changed = differing(saved, ours)
    if changed == {"held_out_hash"}:
        raise InputError(
            "the checkpoint was saved with other rows of validation or test; they must be the same"
        )
    if changed:
        before, now = (
            ", ".join(f"{s[n]} {n}" for n in ("users", "items", "rows")) for s in (saved, ours)
        )
        others = ", which are other ones" if before == now else ""
        raise InputError(
            f"the checkpoint was saved on another training set: {before}; here it has {now}"
            f"{others}; it must be the same"
        )


def _generators(trainer: ResumableTrainer) -> random_state.Generators:
    loader = trainer.fn_loader
    sampler = sampler_of(loader).generator(trainer.device)
    return {"loader": loader.generator, "sampler": sampler}
