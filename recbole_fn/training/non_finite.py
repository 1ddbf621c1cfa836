"""Training whose numbers go wrong: a NaN or an infinity ends it before anything is saved.

RecBole's loop asks each step's loss for NaN; the same question, asked at the same place, covers
infinities too. Weights are asked once an epoch, for a last step that no loss has seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from recbole_fn.utils.errors import InputError

_TERMS = ("base", "consistency")
_ADVICE = (
    "Try a smaller learning_rate, or clip_grad_norm: {'max_norm': 1}. "
    "Checkpoints saved before are untouched"
)


class NonFiniteError(InputError):
    """A loss or a weight became NaN or infinite."""


@dataclass(frozen=True)
class Moment:
    """A place in a training.

    Attributes:
        epoch: The epoch, from 0.
        step: The step in it, from 0.
        optimizer: The optimizer, whose learning rates are told.
    """

    epoch: int
    step: int
    optimizer: Any

    def error(self, what: str) -> NonFiniteError:
        """The error that something is wrong here."""
        groups = getattr(self.optimizer, "param_groups", ())
        rate = ", ".join(sorted({f"{float(group['lr']):g}" for group in groups})) or "unknown"
        where = f"epoch {self.epoch}, step {self.step} (both from 0)"
        return NonFiniteError(f"{where}: {what}; learning_rate is {rate}. {_ADVICE}")


def require_finite_loss(loss: Tensor, terms: Sequence[Tensor], moment: Moment) -> None:
    """Checks a step's loss; costs the one number that RecBole's own check copies as well.

    Args:
        loss: The loss, a scalar.
        terms: The parts of the loss.
        moment: When it was computed.

    Raises:
        NonFiniteError: if it is NaN or infinite.
    """
    if not torch.isfinite(loss):
        named = zip(_TERMS, terms, strict=False)
        values = " and ".join(f"{name} loss is {float(term.detach())}" for name, term in named)
        raise moment.error(values or f"the loss is {float(loss)}")


def require_finite_weights(model: Any, moment: Moment) -> None:
    """Checks the weights after an epoch.

    Args:
        model: The model.
        moment: The last step.

    Raises:
        NonFiniteError: if one is NaN or infinite, naming it.
    """
    wrong = non_finite((name, p) for name, p in model.named_parameters() if p.requires_grad)
    if wrong:
        raise moment.error(f"weight {wrong[0]!r} is NaN or infinite after it")


def non_finite(tensors: Iterable[tuple[str, Tensor]]) -> list[str]:
    """The names of the tensors that hold a NaN or an infinity; one copy reads them all.

    Args:
        tensors: Names and tensors, on one device.
    """
    named = [(name, torch.isfinite(tensor.detach()).all()) for name, tensor in tensors]
    if not named:
        return []
    finite = torch.stack([is_finite for _, is_finite in named]).tolist()
    return [name for (name, _), is_finite in zip(named, finite, strict=False) if not is_finite]
