"""The optimizers and learning rate schedules of a user's trainer beside RecBole's optimizer."""

from collections.abc import Iterator
from logging import getLogger
from typing import Any

from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

from recbole_fn.utils.recbole_types import State
from recbole_fn.utils.trainer_type import Trainer

Learner = Optimizer | LRScheduler


def learners_of(trainer: Trainer) -> dict[str, Learner]:
    """Finds them among the attributes of a trainer, also in lists, tuples and dicts.

    Args:
        trainer: The trainer. Its `optimizer` is left out: RecBole saves it.

    Returns:
        Each of them once, by its place.

    Examples:
        >>> import torch
        >>> from types import SimpleNamespace
        >>> adam = torch.optim.Adam([torch.nn.Parameter(torch.ones(1))])
        >>> steps = torch.optim.lr_scheduler.StepLR(adam, 1)
        >>> list(learners_of(SimpleNamespace(optimizer=adam, all={"a": adam, "b": [steps]})))
        ['all.b.0']
    """
    seen = {id(getattr(trainer, "optimizer", None))}
    found: dict[str, Learner] = {}
    for name, value in vars(trainer).items():
        found.update(_within(name, value, seen))
    return found


def capture(trainer: Trainer) -> State:
    """Their states, by place.

    Examples:
        >>> capture(run.trainer)
        {}
    """
    return {name: learner.state_dict() for name, learner in learners_of(trainer).items()}


def restore(trainer: Trainer, states: State) -> None:
    """Restores what `capture` returned, and tells what the trainer or the states lack.

    Examples:
        >>> restore(new_run.trainer, {})
    """
    learners = learners_of(trainer)
    for name, learner in learners.items():
        if name in states:
            learner.load_state_dict(states[name])
        else:
            getLogger().warning(
                f"the checkpoint lacks the state of {name!r} of {type(trainer).__name__}, which "
                f"begins anew: an earlier version has saved it, or the trainer has changed"
            )
    for name in states:
        if name not in learners:
            getLogger().warning(
                f"the checkpoint has a state of {name!r}, which {type(trainer).__name__} lacks "
                f"before it trains; it is lost"
            )


def _within(name: str, value: Any, seen: set[int]) -> Iterator[tuple[str, Learner]]:
    """Those that a value is or holds, other than `seen` ones, to which they are added."""
    if not isinstance(value, (Optimizer, LRScheduler, list, tuple, dict)) or id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, (Optimizer, LRScheduler)):
        yield name, value
        return
    for key, item in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _within(f"{name}.{key}", item, seen)
